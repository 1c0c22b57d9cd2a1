import { envoyFiltersIn, formatProvenance, type LeftOut, type ProxyResources } from "../envoy/index.ts";
import type { Snapshot } from "../mesh/index.ts";
import type { Rejection } from "./type-state.ts";

type EnvoyFilter = LeftOut["object"];

const none: readonly LeftOut[] = Object.freeze([]);
const maxProxies = 10_000;

/**
 * EnvoyFilters that an Envoy has refused, by proxy (`name.namespace`): for that proxy they are left out until they change. Only for that
 * one, so that a proxy that lies takes no policy from others; over its streams, so that it is not offered the same again and again.
 */
export class Quarantine {
  readonly #leftOut = new Map<string, readonly LeftOut[]>();

  of(proxy: string): readonly LeftOut[] {
    return this.#leftOut.get(proxy) ?? none;
  }

  /** True when an EnvoyFilter had a part in the refused resource: of several the one that Envoy's words name, else the last. */
  add(proxy: string, { resource, message }: Rejection): boolean {
    const known = this.of(proxy);
    const filters = envoyFiltersIn(resource.provenance).filter((one) => !known.some(({ object }) => object === one));
    const object = filters.findLast((one) => isNamedIn(message, one)) ?? filters.at(-1);
    if (!object) return false;
    this.#leftOut.delete(proxy);
    this.#leftOut.set(proxy, Object.freeze([...known, { object, reason: `Envoy refused it: ${message}` }]));
    for (const oldest of this.#leftOut.keys()) {
      if (this.#leftOut.size <= maxProxies) break;
      this.#leftOut.delete(oldest);
    }
    return true;
  }

  /** Forgets EnvoyFilters that are gone, or others now. */
  keep({ envoyFilters }: Snapshot): void {
    if (this.#leftOut.size === 0) return;
    const current = new Set(envoyFilters);
    for (const [proxy, list] of this.#leftOut) {
      const left = list.filter(({ object }) => current.has(object));
      if (left.length === 0) this.#leftOut.delete(proxy);
      else if (left.length < list.length) this.#leftOut.set(proxy, left);
    }
  }
}

function isNamedIn(message: string, { spec }: EnvoyFilter): boolean {
  return (spec.configPatches ?? []).some(({ patch }) => {
    const name = patch?.value?.["name"];
    return typeof name === "string" && name !== "" && message.includes(name);
  });
}

/** `left out: EnvoyFilter default/lua (mesh/lua.yaml:1): Envoy refused it: ...`, one line each. */
export function viewLeftOut({ leftOut = none }: ProxyResources): readonly string[] {
  return leftOut.map(({ object, reason }) => `left out: ${formatProvenance({ object, field: [] })}: ${reason}`);
}
