import { isInboundCluster } from "../envoy/index.ts";
import { nameSet, noNames, type NameSet } from "./name-set.ts";
import { noExceptions, type TypeState } from "./type-state.ts";
import { lookup, type Layers } from "./layers.ts";

/**
 * Inbound clusters that nothing names any more, and that serve until their connections are drained: a caller keeps its connections
 * to the port, the filter chain they came by goes on for the proxy's drain time, and it names the cluster itself (an outbound
 * listener names routes, which know that the service is gone).
 * https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/operations/draining
 */
export class Draining {
  readonly #ms: number;
  #until: ReadonlyMap<string, number> = new Map();
  #names: NameSet = noNames;

  /** `ms`: how long they serve after the client took the listener without them. */
  constructor(ms: number) {
    this.#ms = ms;
  }

  /** Looks, whenever removals may go, which of those that are due have to wait. `clusters`: undefined when none is due. */
  look(clusters: TypeState | undefined, target: Layers, now: number): void {
    const until = new Map<string, number>();
    for (const [name, have] of clusters?.held.exceptions ?? noExceptions) {
      if (!have || !isInboundCluster(name) || lookup(target, name)) continue;
      until.set(name, this.#until.get(name) ?? now + this.#ms);
    }
    const names = [...until.keys()].filter((name) => now < (until.get(name) ?? 0));
    this.#until = until;
    this.#names = names.length === 0 ? noNames : nameSet(names);
  }

  /** Those that wait. */
  get names(): NameSet {
    return this.#names;
  }

  /** All that the client holds beyond its target is what drains: there is nothing to wait for. */
  covers({ type, held }: TypeState, target: Layers): boolean {
    if (type !== "cds" || this.#names.size === 0) return false;
    return [...held.exceptions.keys()].every((name) => this.#names.has(name) && !lookup(target, name));
  }

  /** When the first of them may go; undefined: none waits. */
  get wakeAt(): number | undefined {
    return this.#names.size === 0 ? undefined : Math.min(...[...this.#names].map((name) => this.#until.get(name) ?? 0));
  }
}
