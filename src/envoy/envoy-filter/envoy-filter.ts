import { memo } from "../../lib/index.ts";
import type { EnvoyPatch, Inbound, ProxyView } from "../../mesh/index.ts";
import { checkResources } from "../check.ts";
import { memoList } from "../memo-list.ts";
import type { LeftOut, ResourceSet } from "../resource.ts";
import { readPatch } from "./patch.ts";
import { patchListOf, patchSet, type PatchPlace } from "./patch-set.ts";

/** What a proxy is served after its EnvoyFilters, and those that are left out because what they make does not hold together. */
export interface Patched {
  readonly sets: readonly [shared: ResourceSet, own: ResourceSet];
  readonly leftOut: readonly LeftOut[];
}

type EnvoyFilter = EnvoyPatch["object"];

const nothing: readonly LeftOut[] = Object.freeze([]);

/**
 * Applies the patches of a view. An EnvoyFilter whose result is no configuration (a reference to what is not there, a name twice, no
 * message) is left out for the proxy, and the mesh goes on without it; so is one in `without`, which an Envoy has refused.
 */
export function patchResources(
  sets: Patched["sets"],
  { envoyPatches, inbound, gateway }: ProxyView,
  without: readonly LeftOut[] = nothing,
): Patched {
  const refused = without.filter(({ object }) => envoyPatches.some((patch) => patch.object === object));
  const patches = envoyPatches.filter(({ object }) => !refused.some((one) => one.object === object));
  if (patches.length === 0) return { sets, leftOut: refused };
  const result = patchedSets([...sets, gateway ? gatewayPlace : outboundPlace, inboundPlace(inbound), ...patches]);
  return refused.length === 0 ? result : { ...result, leftOut: [...refused, ...result.leftOut] };
}

const outboundPlace: PatchPlace = Object.freeze({ context: "SIDECAR_OUTBOUND" });
const gatewayPlace: PatchPlace = Object.freeze({ context: "GATEWAY" });
const inboundPlace = memo((inbound: Inbound): PatchPlace => Object.freeze({ context: "SIDECAR_INBOUND", inbound }));

const patchedSets = memoList((inputs: readonly object[]): Patched => {
  const [shared, own, outbound, inbound, ...patches] = inputs as readonly [
    ...[ResourceSet, ResourceSet, PatchPlace, PatchPlace],
    ...EnvoyPatch[],
  ];
  const apply = (some: readonly EnvoyPatch[]): Patched["sets"] => {
    const list = patchListOf(some.map(readPatch));
    return [patchSet(shared, outbound, list), patchSet(own, inbound, list)];
  };
  const attempt = (some: readonly EnvoyPatch[]): { readonly sets: Patched["sets"] } | { readonly reason: string } => {
    try {
      const sets = apply(some);
      const [reason] = checkResources({ shared: sets[0], own: sets[1] });
      return reason === undefined ? { sets } : { reason };
    } catch (error) {
      return { reason: error instanceof Error ? error.message : String(error) };
    }
  };
  const all = attempt(patches);
  if ("sets" in all) return { sets: all.sets, leftOut: nothing };
  let kept: readonly EnvoyPatch[] = [];
  const leftOut: LeftOut[] = [];
  for (const [object, own] of Map.groupBy(patches, (patch) => patch.object)) {
    const result = attempt([...kept, ...own]);
    if ("sets" in result) kept = [...kept, ...own];
    else leftOut.push({ object, reason: result.reason });
  }
  return { sets: apply(kept), leftOut: Object.freeze(leftOut) };
});

/** The EnvoyFilters among what a resource was made of. */
export function envoyFiltersIn(
  provenance: readonly { readonly object: { readonly kind: string } }[],
): readonly EnvoyFilter[] {
  return provenance
    .map(({ object }) => object)
    .filter((object): object is EnvoyFilter => object.kind === "EnvoyFilter");
}
