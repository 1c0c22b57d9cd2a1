import { monotonicClock, type Clock, type Log } from "../lib/index.ts";
import type { KubernetesApi } from "./api.ts";
import { createLease, readLease, replaceLease, type Lease, type LeasePlace, type LeaseSpec } from "./lease.ts";

export interface ElectionOptions {
  readonly api: KubernetesApi;
  readonly place: LeasePlace;
  readonly identity: string; // unlike any other replica's: the pod's name
  readonly clock: Clock;
  readonly log: Log;
  /** Called when we begin to lead; `signal` aborts when that ends, in time before anybody else may begin. */
  readonly lead: (signal: AbortSignal) => void;
  readonly leaseMs?: number; // 15 s: how long others wait after the last sign of life
  readonly deadlineMs?: number; // 10 s: a leader that could not renew for so long stops leading
  readonly retryMs?: number; // 2 s
}

export interface Election {
  isLeader(this: void): boolean;
  /** Stops, and gives the lease back so that another need not wait for its end. Never rejects. */
  stop(this: void): Promise<void>;
}

/**
 * Has one leader among all that name the same Lease, by client-go's rules: a lease is free when it was not renewed for its duration
 * *since we saw it so*, by our own clock; every write bears the version that was read. https://pkg.go.dev/k8s.io/client-go/tools/leaderelection
 */
export function startElection(options: ElectionOptions): Election {
  const candidate = new Candidate(options);
  void candidate.run();
  return { isLeader: () => candidate.isLeader, stop: () => candidate.stop() };
}

const farewellMs = 2_000;

class Candidate {
  readonly #options: Required<ElectionOptions>;
  #seen: { record: string; at: number } | undefined;
  #leading: AbortController | undefined;
  #cancelDeadline: () => void = () => undefined;
  #wake: () => void = () => undefined;
  #round: Promise<void> = Promise.resolve();
  #stopped = false;
  #failing = false;

  constructor(options: ElectionOptions) {
    this.#options = { leaseMs: 15_000, deadlineMs: 10_000, retryMs: 2_000, ...options };
  }

  get isLeader(): boolean {
    return this.#leading !== undefined;
  }

  async run(): Promise<void> {
    while (!this.#stopped) {
      this.#round = this.#tryOnce();
      await this.#round;
      await this.#pause();
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    const wasLeader = this.isLeader;
    this.#resign("we stop");
    this.#wake();
    const farewell = this.#round.then(() => (wasLeader ? this.#release() : undefined)).catch(() => undefined);
    const enough = new Promise<void>((resolve) => monotonicClock.after(farewellMs, resolve));
    await Promise.race([farewell, enough]); // it ends by itself then
  }

  /** One attempt to take or renew the lease. Never rejects. */
  async #tryOnce(): Promise<void> {
    const { log } = this.#options;
    const startedAt = monotonicClock.now(); // before the write: others count from a later moment
    try {
      if ((await this.#claim()) && !this.#stopped) this.#onRenewed(startedAt);
      if (this.#failing) log.info("the lease can be read again");
      this.#failing = false;
    } catch (error) {
      if (!this.#failing) log.warn({ err: error }, "the lease cannot be read or written: it is tried again");
      this.#failing = true;
    }
  }

  /** Whether the lease is ours now. */
  async #claim(): Promise<boolean> {
    const { api, place, identity } = this.#options;
    const lease = await readLease(api, place);
    if (!lease) return createLease(api, place, this.#spec(undefined));
    this.#observe(lease);
    if (lease.holder === identity || this.#isFree(lease)) return replaceLease(api, place, lease, this.#spec(lease));
    if (this.isLeader) this.#resign(`${lease.holder} holds the lease`);
    return false;
  }

  #observe({ holder, renewTime, transitions }: Lease): void {
    const record = `${transitions} ${holder} ${renewTime}`;
    if (record !== this.#seen?.record) this.#seen = { record, at: monotonicClock.now() };
  }

  #isFree({ holder, durationMs }: Lease): boolean {
    return holder === "" || monotonicClock.now() - (this.#seen?.at ?? 0) > durationMs;
  }

  #spec(before: Lease | undefined): LeaseSpec {
    const { clock, identity, leaseMs } = this.#options;
    const now = microTime(clock.now());
    const isOurs = before?.holder === identity;
    return {
      holderIdentity: identity,
      leaseDurationSeconds: Math.ceil(leaseMs / 1000),
      acquireTime: (isOurs && before.acquireTime) || now,
      renewTime: now,
      leaseTransitions: before ? before.transitions + (isOurs ? 0 : 1) : 0,
    };
  }

  #onRenewed(startedAt: number): void {
    const { lead, log, deadlineMs, identity } = this.#options;
    this.#cancelDeadline();
    const leftMs = startedAt + deadlineMs - monotonicClock.now();
    this.#cancelDeadline = monotonicClock.after(Math.max(0, leftMs), () =>
      this.#resign("it could not be renewed in time"),
    );
    if (this.#leading) return;
    this.#leading = new AbortController();
    log.info({ identity }, "this replica leads");
    lead(this.#leading.signal);
  }

  #resign(reason: string): void {
    this.#cancelDeadline();
    if (!this.#leading) return;
    this.#leading.abort();
    this.#leading = undefined;
    this.#options.log.info({ reason }, "this replica leads no more");
  }

  async #release(): Promise<void> {
    const { api, place, identity } = this.#options;
    const lease = await readLease(api, place);
    if (lease?.holder !== identity) return;
    const spec = { ...this.#spec(lease), holderIdentity: "", leaseDurationSeconds: 1 };
    await replaceLease(api, place, lease, spec);
  }

  /** A little longer for those who wait, each for another time, so that they do not all write at once. */
  #pause(): Promise<void> {
    if (this.#stopped) return Promise.resolve();
    const { retryMs } = this.#options;
    return new Promise((resolve) => {
      const cancel = monotonicClock.after(this.isLeader ? retryMs : retryMs * (1 + Math.random() * 0.2), resolve);
      this.#wake = () => {
        cancel();
        resolve();
      };
    });
  }
}

/** Kubernetes' MicroTime: `2026-01-02T03:04:05.678000Z`. */
function microTime(ms: number): string {
  return new Date(ms).toISOString().replace("Z", "000Z");
}
