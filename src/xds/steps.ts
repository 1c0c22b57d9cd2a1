import type { Resource, XdsType } from "../envoy/index.ts";
import { land, refuse } from "./flight.ts";
import { unknownResource } from "./holding.ts";
import { lookup, type Layers } from "./layers.ts";
import { minus, nameSet, noNames, plus, type NameSet } from "./name-set.ts";
import type { Protocol, Request } from "./request.ts";
import { subscribeDelta, subscribeSotw, unsubscribed, type Change } from "./subscription.ts";
import { holdsNothing, newTypeState, nothingDue, type Held, type TypeState } from "./type-state.ts";

/** One request, one step. `before` is undefined for the first request of this type on the stream. `at`: ms since the epoch. */
export function onRequest(
  protocol: Protocol,
  before: TypeState | undefined,
  request: Request & { readonly type: XdsType },
  target: Layers,
  at: number,
): TypeState {
  return protocol === "delta" ? onDelta(before, request, target, at) : onSotw(before, request, at);
}

/**
 * Delta: a response is acknowledged or refused by its nonce; subscriptions change whatever the nonce says.
 * https://www.envoyproxy.io/docs/envoy/latest/api-docs/xds_protocol#incremental-xds
 */
function onDelta(
  before: TypeState | undefined,
  request: Request & { readonly type: XdsType },
  target: Layers,
  at: number,
): TypeState {
  const state = before ? answered(before, request, at) : newTypeState(request.type);
  const next = changed(state, subscribeDelta(state.subscription, request.add, request.drop));
  return before || request.versions.size === 0 ? next : recall(next, request.versions, target);
}

/**
 * SotW: the list of names is the whole subscription; a request with any nonce but the last one sent is out of date and says nothing.
 * The first request of a stream is answered whatever nonce it brings from another stream, and so is one
 * without a nonce.
 */
function onSotw(before: TypeState | undefined, request: Request & { readonly type: XdsType }, at: number): TypeState {
  if (!before || (request.nonce === "" && !before.flight)) {
    const fresh = newTypeState(request.type);
    const { named, rejected } = {
      named: before?.subscription.named ?? false,
      rejected: before?.rejected ?? fresh.rejected,
    };
    const change = subscribeSotw({ ...unsubscribed, named }, request.names);
    return { ...changed(fresh, change), rejected };
  }
  // Without a nonce it was written before our first response arrived: its names count, and it acknowledges nothing.
  if (request.nonce !== before.lastNonce && request.nonce !== "") return before;
  const state = answered(before, request, at);
  return changed(state, subscribeSotw(state.subscription, request.names));
}

/** The response in flight, if the request is the answer to it. */
function answered(state: TypeState, { nonce, error }: Request, at: number): TypeState {
  if (!state.flight || nonce !== state.flight.nonce) return state;
  return error === undefined ? land(state) : refuse(state, error, at);
}

function changed(state: TypeState, { subscription, asked, all, dropped }: Change): TypeState {
  if (subscription === state.subscription && asked.size === 0) return state;
  const held = all ? holdsNothing : forget(state.held, dropped);
  const names = plus(minus(state.due.names, dropped), asked);
  const anything = state.due.anything || all;
  const due = names.size === 0 && !anything ? nothingDue : { names, anything };
  const { flight } = state;
  const undo = flight && {
    held: all ? holdsNothing : forget(flight.undo.held, dropped),
    due: { ...flight.undo.due, names: minus(flight.undo.due.names, dropped) },
  };
  const rejected = new Map([...state.rejected].filter(([name]) => !asked.has(name) && !dropped.has(name)));
  return {
    ...state,
    subscription,
    held,
    due,
    flight: flight && undo ? { ...flight, undo } : undefined,
    rejected: rejected.size === state.rejected.size ? state.rejected : rejected,
  };
}

function forget(held: Held, names: NameSet): Held {
  if (held.exceptions.size === 0 || names.size === 0) return held;
  return { ...held, exceptions: new Map([...held.exceptions].filter(([name]) => !names.has(name))) };
}

/**
 * A client that comes back says which versions it holds: only what differs is sent, and what is gone is removed.
 * https://www.envoyproxy.io/docs/envoy/latest/api-v3/service/discovery/v3/discovery.proto (initial_resource_versions)
 */
function recall(state: TypeState, versions: ReadonlyMap<string, string>, target: Layers): TypeState {
  const exceptions = new Map<string, Resource | undefined>();
  const { wildcard, names } = state.subscription;
  const compare = (name: string, want: Resource | undefined): void => {
    const version = versions.get(name);
    if (version === want?.version) return;
    exceptions.set(name, version === undefined ? undefined : unknownResource(state.type, name, version));
  };
  if (wildcard) {
    for (const layer of [target.shared, target.own]) for (const [name, want] of layer) compare(name, want);
  }
  for (const name of names) compare(name, lookup(target, name));
  for (const name of versions.keys()) {
    if ((wildcard || names.has(name)) && !lookup(target, name)) compare(name, undefined);
  }
  const unknown =
    state.due.names.size === 0 ? noNames : nameSet([...state.due.names].filter((name) => !versions.has(name)));
  const due = unknown.size === 0 ? nothingDue : { names: unknown, anything: false };
  return { ...state, held: { layers: target, exceptions }, due };
}
