import { Cluster, Cluster_DiscoveryType } from "../../generated/envoy/config/cluster/v3/cluster.ts";
import { encodeResource, type OnDemandClusters, type Resource, type ResourceMap } from "../envoy/index.ts";
import { memo, memo2 } from "../lib/index.ts";
import { haveOf } from "./holding.ts";
import { lookup, nothing, type Layers } from "./layers.ts";
import { minus, nameSet, noNames, plus, type NameSet } from "./name-set.ts";
import type { Request } from "./request.ts";
import type { TypeState } from "./type-state.ts";

/** No Envoy asks for more clusters that do not exist. */
const mostStandIns = 1_000;

/**
 * Which clusters one client gets where they come on demand: those it must have before it asks, those it has asked for or held when it
 * came, and the companions of these. They only grow: Envoy never asks again for a cluster that it has been given and lost, and
 * every later request would wait in vain. For the same reason a cluster that does not exist is answered with one that has no endpoints.
 */
export class OnDemand {
  #rules: OnDemandClusters | undefined;
  #real: Layers = nothing; // without stand-ins
  #used: NameSet;
  #pinned: NameSet = noNames;

  /** `used`: clusters that others of its identity have asked for. */
  constructor(used: NameSet) {
    this.#used = used;
  }

  get isOn(): boolean {
    return this.#rules !== undefined;
  }

  /** The clusters that the client gets, as far as they exist. */
  get pinned(): NameSet {
    return this.#pinned;
  }

  /** A publication. Gives the names that are due because the client gets all from now on. */
  publish(rules: OnDemandClusters | undefined, before: Layers, real: Layers): NameSet {
    const wasOn = this.isOn;
    this.#rules = rules;
    this.#real = real;
    if (rules && !wasOn) this.#pinned = plus(this.#pinned, namesOf(before)); // it may hold all of them
    return rules || !wasOn ? noNames : existing(minus(namesOf(real), this.#pinned), real);
  }

  /** The client's first request on its stream, not yet handled. What it holds stays with it. */
  join({ add, versions }: Request): Layers {
    if (!this.#rules) return this.#real;
    this.#pinned = plus(this.#pinned, plus(this.#wanted(add), nameSet(versions.keys())));
    const unknown = [...add].filter((name) => isStandIn(name, versions.get(name)) && !lookup(this.#real, name));
    return withStandIns(this.#real, nameSet(unknown));
  }

  /** What the client is to be brought to: real clusters, and stand-ins for those it asked for that neither exist nor are held by it still. */
  target(state: TypeState | undefined): Layers {
    if (!this.#rules || !state) return this.#real;
    const unknown = missingOf(state.subscription.names, this.#real);
    const free = [...unknown].filter((name) => isStandIn(name, haveOf(state.held, name)?.version));
    return withStandIns(this.#real, nameSet(free));
  }

  /** Takes up what the client uses by now. Gives the names that are due because of that. */
  grow(state: TypeState | undefined): NameSet {
    if (!this.#rules || !state) return noNames;
    const before = this.#pinned;
    this.#pinned = plus(before, this.#wanted(state.subscription.names));
    return existing(minus(this.#pinned, before), this.#real);
  }

  #wanted(asked: NameSet): NameSet {
    if (!this.#rules) return noNames;
    this.#used = plus(this.#used, asked);
    return plus(eagerIn(this.#rules), companionsIn(this.#rules, this.#used));
  }
}

const eagerIn = memo(({ eager }: OnDemandClusters) => nameSet(eager));

/** The names themselves too. */
const companionsIn = memo2(({ companionsOf }: OnDemandClusters, names: NameSet) =>
  nameSet([...names].flatMap((name) => [name, ...companionsOf(name)])),
);

const keysOf = memo((map: ResourceMap) => nameSet(map.keys()));

function namesOf({ shared, own }: Layers): NameSet {
  return plus(keysOf(shared), keysOf(own));
}

const inMap = memo2((names: NameSet, map: ResourceMap) => nameSet([...names].filter((name) => map.has(name))));

function existing(names: NameSet, { shared, own }: Layers): NameSet {
  return plus(inMap(names, shared), inMap(names, own));
}

function missingOf(names: NameSet, layers: Layers): NameSet {
  return minus(names, existing(names, layers));
}

/** A cluster without endpoints: a request to it is refused at once with 503, as one to a cluster that does not exist would be. */
function standIn(name: string): Resource {
  const message = Cluster.fromPartial({ name, type: Cluster_DiscoveryType.STATIC });
  return encodeResource("cds", name, Cluster, message, []);
}

/** What a client has under a name makes room for a stand-in: nothing, or that very stand-in. */
function isStandIn(name: string, version: string | undefined): boolean {
  return version === undefined || version === standIn(name).version;
}

function withStandIns(layers: Layers, names: NameSet): Layers {
  return names.size === 0 ? layers : { shared: layers.shared, own: extended(layers.own, names) };
}

const extended = memo2((own: ResourceMap, names: NameSet): ResourceMap => {
  const standIns = [...names].slice(0, mostStandIns).map((name) => [name, standIn(name)] as const);
  return new Map([...own, ...standIns]);
});
