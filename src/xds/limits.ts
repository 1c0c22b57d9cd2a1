/** Bounds of the server. Times in milliseconds, sizes in bytes. */
export interface XdsLimits {
  /**
   * New TLS handshakes and new streams a second, and at once; the others wait their turn. What may begin at once also begins in one
   * turn of the event loop when that runs late: so it is few, and a storm takes longer in place of holding up those who are there.
   */
  readonly connectionsPerSecond: number;
  readonly connectionBurst: number;
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
  /** How long a workload's inbound clusters serve after their listener is gone: longer than an Envoy drains. */
  readonly drainMs: number;
  /** A client that has not asked for clusters for this long is shown as faulty. */
  readonly silenceMs: number;
  /** Connections end at this age (+-10 %): the credential is checked anew, and replicas share the load. */
  readonly connectionAgeMs: number;
  readonly requestBytes: number;
}

export const defaultLimits: XdsLimits = {
  connectionsPerSecond: 400,
  connectionBurst: 5,
  streamsPerSecond: 400,
  streamBurst: 5,
  streamQueue: 20_000,
  connections: 20_000,
  connectionsPerAddress: 10_000,
  idleConnectionMs: 30_000,
  stallMs: 30_000,
  secretRetryMs: 5_000,
  warmingMs: 5_000,
  removalMs: 10_000,
  drainMs: 11 * 60_000, // Envoy drains for 10 minutes unless told otherwise
  silenceMs: 30_000,
  connectionAgeMs: 30 * 60_000,
  requestBytes: 4 * 1024 * 1024,
};
