import type { XdsType } from "../envoy/index.ts";
import type { Protocol } from "./request.ts";

/** Why a caller got nothing, or was sent away. */
export type Refused = "overload" | "credential" | "identity" | "request" | "connections";

/** What is counted. The app turns it into Prometheus metrics; every method must be cheap. */
export interface XdsMetrics {
  connected(protocol: Protocol, change: 1 | -1): void;
  /** A response; `resources` is how many in it were new to the proxy or had changed. */
  pushed(type: XdsType, bytes: number, resources: number): void;
  nacked(type: XdsType): void;
  refused(reason: Refused): void;
  /** A proxy whose configuration could not be made: it keeps its last one. */
  failed(): void;
  /** A client that did not read what it was sent. */
  stalled(): void;
}

const nobody = (): void => undefined;

export const noMetrics: XdsMetrics = {
  connected: nobody,
  pushed: nobody,
  nacked: nobody,
  refused: nobody,
  failed: nobody,
  stalled: nobody,
};
