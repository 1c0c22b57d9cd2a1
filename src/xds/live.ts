import type { Clock } from "../lib/index.ts";
import type { Nack } from "./nack.ts";

/** How far one proxy is with a revision. `failed`: it cannot be served it; see its status. */
export interface ProxyLive {
  readonly id: string;
  readonly state: "live" | "nacked" | "failed" | "waiting";
  /** From publication to the acknowledgement of all of it. */
  readonly ms?: number;
}

/** What became of a revision in all connected proxies. */
export interface LiveReport {
  readonly revision: string;
  /** Every connected proxy holds all of it. */
  readonly live: boolean;
  readonly timedOut: boolean;
  readonly proxies: readonly ProxyLive[];
  readonly nacks: readonly (Nack & { readonly proxy: string })[];
}

export interface LiveOptions {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  /** Called for each NACK of this revision or a later one as it comes in. */
  readonly onNack?: (nack: Nack & { readonly proxy: string }) => void;
}

interface Wait<P> {
  readonly revision: string;
  readonly onNack: LiveOptions["onNack"];
  readonly finish: () => void;
  /** Proxies that have not settled yet; undefined: the revision is not published. */
  open: Set<P> | undefined;
}

/** What a wait needs to know of the proxies `P`. */
export interface LiveSource<P> {
  proxies(): Iterable<P>;
  /** Which publication a revision is; undefined: none yet. */
  sequenceOf(revision: string): number | undefined;
  hasSettled(proxy: P, sequence: number): boolean;
  report(revision: string): LiveReport;
}

/** Those who wait for something to be live. A wait ends when all proxies have settled; each event costs no more than one look. */
export class LiveWaits<P> {
  readonly #clock: Clock;
  readonly #source: LiveSource<P>;
  readonly #waits = new Set<Wait<P>>();

  constructor(clock: Clock, source: LiveSource<P>) {
    this.#clock = clock;
    this.#source = source;
  }

  /** Resolves when no proxy is `waiting`, or with what there is after the time. Rejects when the signal aborts. */
  wait(revision: string, { timeoutMs, signal, onNack }: LiveOptions): Promise<LiveReport> {
    return new Promise((resolve, reject) => {
      const end = (): void => {
        this.#waits.delete(wait);
        cancel();
        signal?.removeEventListener("abort", onAbort);
      };
      const finish = (): void => {
        end();
        resolve(this.#source.report(revision));
      };
      const onAbort = (): void => {
        end();
        reject(new Error("the wait was given up"));
      };
      const wait: Wait<P> = { revision, onNack, finish, open: undefined };
      const cancel = this.#clock.after(timeoutMs, () => {
        end();
        resolve({ ...this.#source.report(revision), live: false, timedOut: true });
      });
      if (signal?.aborted) return onAbort();
      signal?.addEventListener("abort", onAbort);
      this.#waits.add(wait);
      this.onPublished();
    });
  }

  /** Something was published: waits for it begin. */
  onPublished(): void {
    for (const wait of this.#waits) {
      const sequence = this.#source.sequenceOf(wait.revision);
      if (wait.open || sequence === undefined) continue;
      wait.open = new Set([...this.#source.proxies()].filter((proxy) => !this.#source.hasSettled(proxy, sequence)));
      if (wait.open.size === 0) wait.finish();
    }
  }

  onJoined(proxy: P): void {
    for (const { open } of this.#waits) open?.add(proxy);
  }

  onSettled(proxy: P): void {
    for (const { revision, open, finish } of this.#waits) {
      const sequence = this.#source.sequenceOf(revision);
      if (!open?.has(proxy) || sequence === undefined || !this.#source.hasSettled(proxy, sequence)) continue;
      open.delete(proxy);
      if (open.size === 0) finish();
    }
  }

  onLeft(proxy: P): void {
    for (const { open, finish } of this.#waits) if (open?.delete(proxy) && open.size === 0) finish();
  }

  onNack(nack: Nack & { readonly proxy: string }): void {
    for (const { onNack } of this.#waits) onNack?.(nack);
  }
}
