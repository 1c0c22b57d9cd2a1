import type { ServerDuplexStream } from "@grpc/grpc-js";
import type { Node } from "../../generated/envoy/config/core/v3/base.ts";
import type { Authenticator, Identity } from "../ca/index.ts";
import type { LeftOut, ProxyResources, ResourceMap, XdsType } from "../envoy/index.ts";
import type { Clock, Log } from "../lib/index.ts";
import type { Proxy, Snapshot } from "../mesh/index.ts";
import type { XdsLimits } from "./limits.ts";
import type { XdsMetrics } from "./metrics.ts";
import type { Pins } from "./pins.ts";
import type { Quarantine } from "./quarantine.ts";
import type { RefusedCallers } from "./refused-callers.ts";
import type { SecretSource } from "./secrets.ts";
import type { Rejection } from "./type-state.ts";
import type { Message } from "./wire.ts";
import type { WriteTurns } from "./write-turns.ts";

/** A stream of either protocol: bytes in, as they are not read before the caller is known; messages out. */
export type Call = ServerDuplexStream<Uint8Array, Message>;

/** What a proxy says of itself, and who it was found to be. */
export interface Claim {
  readonly identity: Identity;
  readonly node: Node;
}

/** What a stream can carry (single virtual hosts, clusters one by one), and what its proxy has refused. */
export interface Style {
  readonly vhds: boolean;
  readonly onDemandClusters: boolean;
  readonly without?: readonly LeftOut[];
}

/** Makes what one proxy is served. Must be cheap for the second proxy of a scope: it is called for each on each publication. */
export type Describe = (snapshot: Snapshot, proxy: Proxy, style: Style) => ProxyResources;

/** Secrets beside the workload's own that this proxy, and nobody else, may have: by SDS name, with their keys. */
export type DescribeCredentials = (snapshot: Snapshot, proxy: Proxy) => ResourceMap;

/** What a proxy does not get although policy says so, a sentence each. Asked when somebody looks at its status, never for a push. */
export type DescribeLack = (snapshot: Snapshot, proxy: Proxy) => readonly string[];

/** Says which proxy a claim is, or in a sentence why it is none. Must compare every part of the claim with the verified identity. */
export type Resolve = (snapshot: Snapshot, claim: Claim) => { readonly proxy: Proxy } | { readonly refused: string };

/** What a stream needs of the server. */
export interface Host {
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: XdsMetrics;
  readonly limits: XdsLimits;
  readonly authenticator: Authenticator;
  readonly secrets: SecretSource;
  readonly describe: Describe;
  readonly credentials?: DescribeCredentials;
  readonly resolve: Resolve;
  readonly vhds: boolean;
  readonly pins: Pins;
  readonly quarantine: Quarantine;
  readonly refusedCallers: RefusedCallers;
  /** The newest publication; undefined before the first. */
  current(): { readonly snapshot: Snapshot; readonly sequence: number } | undefined;
  /** Calls back at once, or after the first publication: until then nothing is even read. */
  whenPublished(run: () => void): void;
  /** Runs it soon, in turn with all others, so that many large requests hold up neither each other nor new connections. */
  takeTurn(this: void, next: () => void): void;
  readonly writeTurns: WriteTurns;
  /** Ends the connection from this address at once. */
  cutOff(address: string): void;
}

/** What a stream tells the server. */
export interface StreamEvents {
  /** It is known who is on it. */
  onIdentified(): void;
  /** It has taken all there is, or cannot be served. */
  onSettled(): void;
  /** It refused a response; `before` is what it refused up to then. */
  onNack(type: XdsType, before: ReadonlyMap<string, Rejection>, message: string): void;
  onClosed(): void;
}
