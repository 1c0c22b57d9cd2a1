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

interface Wait {
  readonly check: () => boolean; // true: it is over
  readonly onNack: LiveOptions["onNack"];
}

/** Those who wait for something to be live. Each wait ends when all proxies have settled, in time or not. */
export class LiveWaits {
  readonly #clock: Clock;
  readonly #waits = new Set<Wait>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** `look` gives the report as of now; it is over when no proxy is `waiting`. Rejects when the signal aborts. */
  wait(look: () => LiveReport | undefined, options: LiveOptions, empty: LiveReport): Promise<LiveReport> {
    return new Promise((resolve, reject) => {
      const end = (finish: () => void): void => {
        this.#waits.delete(wait);
        cancel();
        options.signal?.removeEventListener("abort", onAbort);
        finish();
      };
      const wait: Wait = {
        onNack: options.onNack,
        check: () => {
          const report = look();
          if (!report || report.proxies.some(({ state }) => state === "waiting")) return false;
          end(() => resolve(report));
          return true;
        },
      };
      const onAbort = (): void => end(() => reject(new Error("nobody waits any more")));
      const cancel = this.#clock.after(options.timeoutMs, () =>
        end(() => resolve({ ...(look() ?? empty), live: false, timedOut: true })),
      );
      if (options.signal?.aborted) return onAbort();
      options.signal?.addEventListener("abort", onAbort);
      this.#waits.add(wait);
      wait.check();
    });
  }

  /** Something settled, came or went. */
  check(): void {
    for (const wait of this.#waits) wait.check();
  }

  tell(nack: Nack & { readonly proxy: string }): void {
    for (const { onNack } of this.#waits) onNack?.(nack);
  }
}
