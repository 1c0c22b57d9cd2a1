/** Bounds of the server. Times in milliseconds, sizes in bytes. */
export interface XdsLimits {
  /** New streams a second, and at once; the others wait their turn. */
  readonly streamsPerSecond: number;
  readonly streamBurst: number;
  /** Streams that may wait their turn; more are refused. */
  readonly streamQueue: number;
  /** Connections in total and from one address, counted before TLS. */
  readonly connections: number;
  readonly connectionsPerAddress: number;
  /** A connection that opens no stream for this long is closed. */
  readonly idleConnectionMs: number;
  /** A client that does not take a response for this long is cut off. */
  readonly stallMs: number;
  /** How long after a secret could not be made it is tried again. */
  readonly secretRetryMs: number;
  /** How long routes wait for the endpoints of new clusters, and removals for a new stream to ask for its routes. */
  readonly warmingMs: number;
  readonly removalMs: number;
  /** A client that has not asked for clusters for this long is shown as faulty. */
  readonly silenceMs: number;
  /** Connections end at this age (+-10 %): the credential is checked anew, and replicas share the load. */
  readonly connectionAgeMs: number;
  readonly requestBytes: number;
}

export const defaultLimits: XdsLimits = {
  streamsPerSecond: 200,
  streamBurst: 200,
  streamQueue: 20_000,
  connections: 20_000,
  connectionsPerAddress: 10_000,
  idleConnectionMs: 30_000,
  stallMs: 30_000,
  secretRetryMs: 5_000,
  warmingMs: 5_000,
  removalMs: 10_000,
  silenceMs: 30_000,
  connectionAgeMs: 30 * 60_000,
  requestBytes: 4 * 1024 * 1024,
};
