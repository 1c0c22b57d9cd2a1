import { memo } from "../../lib/index.ts";
import type { EnvoyPatch } from "../../mesh/index.ts";
import { patchValueOf, type ApplyTo, type ConfigPatch } from "../../model/index.ts";
import type { JsonObject } from "../decode.ts";
import type { Provenance } from "../resource.ts";

/** Where configuration is used: what `match.context` speaks of. */
export type PatchContext = "SIDECAR_INBOUND" | "SIDECAR_OUTBOUND" | "GATEWAY";

/** One patch, ready to be applied: its value as Envoy's messages print themselves. */
export interface Patch {
  readonly applyTo: ApplyTo;
  readonly operation: string;
  readonly context: string; // ANY where not said
  readonly match: NonNullable<ConfigPatch["match"]>;
  readonly value: JsonObject;
  readonly source: EnvoyPatch;
}

/** A patch is read once, however many proxies and resources it is for. */
export const readPatch = memo((source: EnvoyPatch): Patch => {
  const { applyTo = "INVALID", match = {}, patch } = source.patch;
  const value = patchValueOf(source.patch) as JsonObject;
  return { applyTo, operation: patch?.operation ?? "INVALID", context: match.context ?? "ANY", match, value, source };
});

/** The line to blame for what a patch makes. */
export function provenanceOf({ source: { object, index } }: Patch): Provenance {
  return { object, field: ["spec", "configPatches", index] };
}

/** The patches of one context, and which of them have changed anything so far. */
export class PatchRun {
  readonly context: PatchContext;
  /** The services behind an inbound port, which the name of its cluster does not say. */
  readonly hostsOn: (port: number) => readonly string[];
  readonly used = new Set<Patch>();
  readonly #patches: readonly Patch[];

  constructor(context: PatchContext, hostsOn: PatchRun["hostsOn"], patches: readonly Patch[]) {
    this.context = context;
    this.hostsOn = hostsOn;
    this.#patches = patches;
  }

  /** The patches to one thing, in the order in which they are applied. */
  of(applyTo: ApplyTo): readonly Patch[] {
    return this.#patches.filter((patch) => patch.applyTo === applyTo && this.#isHere(patch));
  }

  /** What is added for all contexts is added once: where traffic goes out. */
  adding(applyTo: ApplyTo): readonly Patch[] {
    return this.of(applyTo).filter(
      ({ operation, context }) => operation === "ADD" && (context !== "ANY" || this.context !== "SIDECAR_INBOUND"),
    );
  }

  /** The extension that a patch adds under a name, whatever its context, as on Istio. */
  extension(name: string): Patch | undefined {
    return this.#patches.find(
      ({ applyTo, operation, value }) =>
        applyTo === "EXTENSION_CONFIG" && operation === "ADD" && value["name"] === name,
    );
  }

  #isHere({ context }: Patch): boolean {
    return context === "ANY" || context === this.context;
  }
}
