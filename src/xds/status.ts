import { typeUrls, type XdsType } from "../envoy/index.ts";
import type { LiveReport, ProxyLive } from "./live.ts";
import { viewNack, type Nack } from "./nack.ts";
import type { Protocol } from "./request.ts";
import type { Session } from "./session.ts";
import type { ProxyStream } from "./stream.ts";
import type { TypeState } from "./type-state.ts";

/** `SYNCED`: it has acknowledged all there is. `STALE`: not yet. `NACKED`: all but what it refuses. `NEVER_ASKED`: it has not subscribed. */
export type SyncState = "SYNCED" | "STALE" | "NACKED" | "NEVER_ASKED";

export interface TypeStatus {
  readonly state: SyncState;
  /** Resources it holds. */
  readonly resources: number;
  /** Names it asked for; "*" where it asked for everything. */
  readonly subscribed: number | "*";
  readonly version: string; // of the last response
  readonly nonce: string;
  /** The newest revision it has acknowledged all of; "" for none. */
  readonly acked: string;
  readonly nacks: readonly Nack[];
}

/** One connected proxy. */
export interface ProxyStatus {
  readonly id: string; // name.namespace
  readonly name: string;
  readonly namespace: string;
  readonly identity: string; // SPIFFE id
  readonly nodeId: string;
  readonly address: string; // of the connection
  readonly connectedAt: number; // ms since the epoch
  readonly protocol: Protocol;
  readonly types: Readonly<Record<XdsType, TypeStatus>>;
  /** What is wrong with it beyond NACKs, in words. */
  readonly warnings: readonly string[];
}

const neverAsked: TypeStatus = {
  state: "NEVER_ASKED",
  resources: 0,
  subscribed: 0,
  version: "",
  nonce: "",
  acked: "",
  nacks: [],
};

/** `revisionOf` names a publication. */
export function viewTypes(session: Session, revisionOf: (sequence: number) => string): Record<XdsType, TypeStatus> {
  const types = Object.keys(typeUrls) as XdsType[];
  const entries = types.map((type) => [type, viewType(session, session.states.get(type), revisionOf)] as const);
  return Object.fromEntries(entries) as Record<XdsType, TypeStatus>;
}

function viewType(
  session: Session,
  state: TypeState | undefined,
  revisionOf: (sequence: number) => string,
): TypeStatus {
  if (!state) return neverAsked;
  const { subscription, rejected, lastVersion, lastNonce, acked } = state;
  return {
    state: rejected.size > 0 ? "NACKED" : session.isSynced(state) ? "SYNCED" : "STALE",
    resources: session.held(state).reduce((sum, resources) => sum + resources.length, 0),
    subscribed: subscription.wildcard ? "*" : subscription.names.size,
    version: lastVersion,
    nonce: lastNonce,
    acked: revisionOf(acked),
    nacks: [...rejected.values()].map((rejection) => viewNack(state.type, rejection)),
  };
}

/** Undefined for a stream that has not said who it is. `lack`: what it does not get although policy says so. */
export function viewStream(
  stream: ProxyStream,
  lack: readonly string[],
  now: number,
  silenceMs: number,
  revisionOf: (sequence: number) => string,
): ProxyStatus | undefined {
  const { peer, address, connectedAt, protocol, fault } = stream;
  if (!peer) return undefined;
  const { proxy, claim, session } = peer;
  const { trustDomain, namespace, serviceAccount } = claim.identity;
  const warnings = [...(fault === undefined ? [] : [fault]), ...stream.leftOut, ...lack];
  // Known bug of Envoy: after a refused CDS response and a reconnect it may never ask again. https://github.com/envoyproxy/envoy/issues/34334
  if (!session.states.has("cds") && now - connectedAt >= silenceMs) {
    warnings.push("it is connected and does not ask for clusters: restart it");
  }
  return {
    id: stream.id,
    name: proxy.name,
    namespace: proxy.namespace,
    identity: `spiffe://${trustDomain}/ns/${namespace}/sa/${serviceAccount}`,
    nodeId: claim.node.id,
    ...{ address, connectedAt, protocol, warnings },
    types: viewTypes(session, revisionOf),
  };
}

/** It has taken all of that publication or of a later one, or cannot be served it. */
export function hasSettled({ fault, settled }: ProxyStream, sequence: number): boolean {
  return fault !== undefined || (settled !== undefined && settled.sequence >= sequence);
}

/** How far the connected proxies are with a publication. */
export function viewLive(
  streams: Iterable<ProxyStream>,
  revision: string,
  publication: { readonly sequence: number; readonly at: number } | undefined,
): LiveReport {
  const { sequence, at } = publication ?? { sequence: Infinity, at: 0 };
  const proxies: ProxyLive[] = [];
  const nacks: LiveReport["nacks"][number][] = [];
  for (const stream of streams) {
    const refused = [...(stream.peer?.session.states.values() ?? [])].flatMap(({ type, rejected }) =>
      [...rejected.values()]
        .filter((rejection) => rejection.sequence >= sequence)
        .map((rejection) => ({ type, rejection })),
    );
    for (const { type, rejection } of refused) nacks.push({ proxy: stream.id, ...viewNack(type, rejection) });
    const { settled, id } = stream;
    if (stream.fault !== undefined) proxies.push({ id, state: "failed" });
    else if (!settled || settled.sequence < sequence) proxies.push({ id, state: "waiting" });
    else proxies.push({ id, state: refused.length > 0 ? "nacked" : "live", ms: Math.max(0, settled.at - at) });
  }
  return { revision, live: proxies.every(({ state }) => state === "live"), timedOut: false, proxies, nacks };
}
