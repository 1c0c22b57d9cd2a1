import type { ProxyResources, Resource, ResourceMap, XdsType } from "../envoy/index.ts";
import { Draining } from "./draining.ts";
import { commit, takeOff } from "./flight.ts";
import { heldResources } from "./holding.ts";
import { covers, lookup, namesAlsoIn, noResources, nothing, placeholdersFor, virtualHostsOf } from "./layers.ts";
import type { Layers, Selection } from "./layers.ts";
import { minus, nameSet, noNames, plus, type NameSet } from "./name-set.ts";
import { pushOrder, referrers, removedLast } from "./order.ts";
import { OnDemand } from "./on-demand.ts";
import { plan } from "./plan.ts";
import type { Protocol, Request } from "./request.ts";
import { buildResponse } from "./response.ts";
import { onRequest } from "./steps.ts";
import { nothingDue, type Flight, type TypeState } from "./type-state.ts";
import type { Message } from "./wire.ts";

/** Waits that end by themselves, for clients that never ask what Envoy would ask. Milliseconds. */
export interface Graces {
  /** How long routes wait for the endpoints of new clusters. */
  readonly warmingMs: number;
  /** How long removals wait, on a new stream, for the client to ask for listeners and routes. */
  readonly removalMs: number;
  /** How long inbound clusters serve after their listener is gone. */
  readonly drainMs: number;
}

export interface Outgoing {
  readonly type: XdsType;
  readonly message: Message;
}

/** `live`: it holds all of the newest publication. `nacked`: all but what it refuses. `busy`: something is still to come. */
export type Standing = "live" | "nacked" | "busy";

/** The protocol with one client, without sockets and timers: requests go in, `next` gives what to send whenever there is room for it. */
export class Session {
  readonly protocol: Protocol;
  readonly #graces: Graces;
  readonly #prefix: string;
  readonly #states = new Map<XdsType, TypeState>();
  readonly #targets: Record<XdsType, Layers>;
  readonly #onDemand: OnDemand;
  readonly #draining: Draining;
  #published = false;
  #sequence = 0;
  #count = 0;
  #startedAt = 0;
  #waiting: NameSet = noNames; // secrets that are being made
  #routes: NameSet = noNames; // route configurations that the client holds
  #warming: { readonly clusters: NameSet; readonly until: number } | undefined;
  #wakeAt: number | undefined;

  /** `prefix` makes nonces unlike those of other streams. `pins`: clusters that a client which has none is given before it asks. */
  constructor(protocol: Protocol, prefix: string, graces: Graces, pins: NameSet = noNames) {
    this.protocol = protocol;
    this.#prefix = prefix;
    this.#graces = graces;
    this.#onDemand = new OnDemand(pins);
    this.#draining = new Draining(graces.drainMs);
    this.#targets = { cds: nothing, eds: nothing, lds: nothing, rds: nothing, vhds: nothing, sds: nothing };
  }

  /** The newest resources of this client; `sequence` counts publications. */
  publish({ shared, own, onDemand }: ProxyResources, sequence: number): void {
    this.#published = true;
    this.#sequence = sequence;
    this.#ask("cds", this.#onDemand.publish(onDemand, this.#targets.cds, { shared: shared.cds, own: own.cds }));
    for (const type of pushOrder) if (type !== "cds") this.#aim(type, { shared: shared[type], own: own[type] });
    this.#choose();
  }

  #aim(type: XdsType, next: Layers): void {
    const before = this.#targets[type];
    if (before.shared !== next.shared || before.own !== next.own) this.#targets[type] = next;
  }

  /** Which clusters the client gets, after anything that may make a difference. */
  #choose(): void {
    const state = this.#states.get("cds");
    this.#aim("cds", this.#onDemand.target(state));
    this.#ask("cds", this.#onDemand.grow(state));
  }

  /** Clusters that the client asked for by name. */
  get askedClusters(): NameSet {
    return this.#onDemand.isOn ? (this.#states.get("cds")?.subscription.names ?? noNames) : noNames;
  }

  /** The secrets made so far, and the names of those still to come. */
  provide(secrets: ResourceMap, waiting: NameSet): void {
    this.#targets.sds = { shared: noResources, own: secrets };
    this.#waiting = waiting;
  }

  /** Names asked for over SDS. */
  get secretNames(): NameSet {
    return this.#states.get("sds")?.subscription.names ?? noNames;
  }

  /** One request that the client sent, with a type that we serve. Gives the refusals it brought. */
  receive(request: Request & { readonly type: XdsType }, now: number): void {
    if (this.#startedAt === 0) this.#startedAt = now;
    const { type } = request;
    const before = this.#states.get(type);
    if (type === "cds" && !before) this.#aim("cds", this.#onDemand.join(request));
    const after = onRequest(this.protocol, before, request, this.#targets[type], now);
    this.#states.set(type, after);
    if (type === "cds") this.#onClusters(before?.flight !== undefined && !after.flight && request.error !== undefined);
    if (type === "eds" && !before) this.#heat(this.#warming?.clusters ?? noNames); // it comes back with endpoints for clusters that have just been sent anew
    if (type === "rds") this.#follow(after);
    if (type === "vhds" && !before && after.subscription.wildcard && request.versions.size === 0) {
      this.#ask("vhds", placeholdersFor(this.#routes, this.#targets.vhds));
    }
  }

  #onClusters(wasRefused: boolean): void {
    this.#choose();
    if (wasRefused) this.#warming = undefined; // what is refused never warms; what of it is tried again warms then
  }

  /** What to send now, if anything. Call again after each request, each publication, when there is room, and at `wakeAt`. */
  next(now: number): Outgoing | undefined {
    this.#wakeAt = undefined;
    if (!this.#published) return undefined;
    const secret = this.#try("sds", false, now);
    if (secret) return secret;
    for (const type of pushOrder) {
      if (type === "lds" && (this.#states.get("cds")?.flight || this.#isWarming(now))) return undefined;
      const response = this.#try(type, removedLast.includes(type), now);
      if (response) return response;
      if (this.#states.get(type)?.flight && type !== "cds") return undefined;
    }
    if (!this.#mayRemove(now)) return undefined;
    this.#draining.look(this.#states.get("cds"), this.#targets.cds, now);
    for (const type of removedLast) {
      const response = this.#try(type, false, now);
      if (response || this.#states.get(type)?.flight) return response;
    }
    this.#wakeAt = this.#draining.wakeAt;
    return undefined;
  }

  /** When `next` may have more to say though nothing happened; undefined: never. */
  get wakeAt(): number | undefined {
    return this.#wakeAt;
  }

  get sequence(): number {
    return this.#sequence;
  }

  get states(): ReadonlyMap<XdsType, TypeState> {
    return this.#states;
  }

  target(type: XdsType): Layers {
    return this.#targets[type];
  }

  selection(state: TypeState): Selection {
    const { wildcard, names } = state.subscription;
    if (state.type === "cds" && wildcard && this.#onDemand.isOn) return { all: false, names: this.#onDemand.pinned };
    return state.type === "vhds" && this.protocol === "delta"
      ? { all: wildcard, names, parents: this.#routes }
      : { all: wildcard, names };
  }

  /** What the client holds of a type, as far as it has acknowledged it. */
  held(state: TypeState): (readonly Resource[])[] {
    return heldResources(state.flight ? state.flight.undo.held : state.held, this.selection(state));
  }

  /** How things stand after `next` gave nothing. Types that are in line are marked as acknowledged up to this publication. */
  settle(): Standing {
    const states = [...this.#states.values()];
    const nacked = states.some(({ rejected }) => rejected.size > 0);
    let busy = states.length === 0 || this.#warming !== undefined;
    for (const state of states) {
      if (this.isSynced(state)) {
        if (state.acked !== this.#sequence) this.#states.set(state.type, { ...state, acked: this.#sequence });
      } else if (
        !nacked ||
        state.flight ||
        state.due !== nothingDue ||
        state.held.layers !== this.#targets[state.type]
      ) {
        busy = true;
      }
    }
    return busy ? "busy" : nacked ? "nacked" : "live";
  }

  /** The client holds what it shall hold, and has said so. */
  isSynced(state: TypeState): boolean {
    const { type, flight, due, held, rejected } = state;
    const target = this.#targets[type];
    if (flight || due !== nothingDue || held.layers !== target || rejected.size > 0) return false;
    return held.exceptions.size === 0 || this.#draining.covers(state, target);
  }

  #try(type: XdsType, holdRemovals: boolean, now: number): Outgoing | undefined {
    const state = this.#states.get(type);
    if (!state || state.flight) return undefined;
    const target = this.#targets[type];
    if (state.held.layers === target && state.held.exceptions.size === 0 && state.due === nothingDue) return undefined;
    const selection = this.selection(state);
    const waiting = type === "sds" ? this.#waiting : noNames;
    const draining = type === "cds" && !holdRemovals ? this.#draining.names : noNames;
    const step = plan(state, { target, selection, holdRemovals, waiting, draining });
    const nonce = `${this.#prefix}${this.#count + 1}`;
    const response = buildResponse(this.protocol, type, step, selection, nonce);
    if (!response) {
      this.#states.set(type, commit(state, step));
      return undefined;
    }
    this.#count += 1;
    const sent = { nonce, version: response.version, sentAt: now, sequence: this.#sequence };
    this.#states.set(type, takeOff(state, step, sent));
    if (type === "cds") this.#warm(step.adds, now);
    if (type === "cds" && step.removed.length > 0) this.#choose();
    return { type, message: response.message };
  }

  /**
   * A cluster that was sent takes no traffic until its endpoints come after it, changed or not. They do not wait for the
   * acknowledgement: a serving Envoy gives it only when all its clusters are warm.
   */
  #warm(adds: Flight["adds"], now: number): void {
    let clusters: NameSet = noNames;
    for (const resources of adds) clusters = plus(clusters, namesAlsoIn(resources, this.#targets.eds));
    if (clusters.size === 0) return;
    this.#warming = {
      clusters: plus(this.#warming?.clusters ?? noNames, clusters),
      until: now + this.#graces.warmingMs,
    };
    this.#heat(clusters);
  }

  #heat(clusters: NameSet): void {
    const state = this.#states.get("eds");
    if (!state) return;
    const { wildcard, names } = state.subscription;
    this.#ask("eds", wildcard ? clusters : minus(clusters, minus(clusters, names)));
  }

  #ask(type: XdsType, names: NameSet): void {
    const state = this.#states.get(type);
    if (!state || names.size === 0) return;
    this.#states.set(type, { ...state, due: { ...state.due, names: plus(state.due.names, names) } });
  }

  #isWarming(now: number): boolean {
    if (!this.#warming) return false;
    const state = this.#states.get("eds");
    const asked = state && (state.subscription.wildcard || covers(state.subscription.names, this.#warming.clusters));
    if ((asked && !state.flight && state.due.names.size === 0) || now >= this.#warming.until) {
      this.#warming = undefined;
      return false;
    }
    this.#wakeAt = this.#warming.until;
    return true;
  }

  /** Virtual hosts follow the route configurations that the client holds: one that it holds anew gets all of its hosts. */
  #follow(routes: TypeState): void {
    const { subscription, due, flight, held } = routes;
    const open = flight ? flight.undo : { held, due };
    const known = subscription.wildcard ? this.#targets.rds.shared.keys() : subscription.names;
    const holds = nameSet(
      [...known].filter((name) => {
        if (due.names.has(name) || open.due.names.has(name)) return false;
        const { exceptions, layers } = open.held;
        return (exceptions.has(name) ? exceptions.get(name) : lookup(layers, name)) !== undefined;
      }),
    );
    const added = minus(holds, this.#routes);
    const gone = minus(this.#routes, holds);
    this.#routes = holds;
    const layers = this.#targets.vhds;
    // A listener that drains keeps its route configuration, and that its virtual hosts: they would be there again with the next listener.
    this.#ask("vhds", virtualHostsOf(gone, this.#states.get("vhds")?.held.layers ?? nothing));
    this.#ask("vhds", plus(virtualHostsOf(added, layers), placeholdersFor(added, layers)));
  }

  /** Clusters go when the client has taken what no longer refers to them. */
  #mayRemove(now: number): boolean {
    if (referrers.some((type) => (this.#states.get(type)?.rejected.size ?? 0) > 0)) return false;
    const pending = removedLast.some((type) => (this.#states.get(type)?.held.exceptions.size ?? 0) > 0);
    if (!pending) {
      this.#draining.look(undefined, nothing, now);
      return false;
    }
    const unasked = referrers.some((type) => !this.#states.has(type) && this.#targets[type].shared.size > 0);
    const until = this.#startedAt + this.#graces.removalMs;
    if (!unasked || now >= until) return true;
    this.#wakeAt = until;
    return false;
  }
}
