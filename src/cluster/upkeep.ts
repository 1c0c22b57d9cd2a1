import type { Clock, Log } from "../lib/index.ts";

/** Something in the cluster that is to stay as it should be. */
export interface Chore {
  readonly what: string; // for the log
  /** Looks, and mends what is not so. Rejects where it could not. */
  readonly run: () => Promise<void>;
}

export interface UpkeepOptions {
  readonly chores: readonly Chore[];
  readonly clock: Clock;
  readonly log: Log;
  readonly everyMs?: number; // 30 s: mends what others changed
  readonly retryMs?: number; // 1 s, doubled for each failure in a row
}

export interface Upkeep {
  /** Something has changed that the chores look at: do them now. */
  nudge(this: void): void;
  /** Does them from now on until the signal aborts. */
  lead(this: void, signal: AbortSignal): void;
}

/** Does the chores of a leader one after the other, for as long as it leads. One that fails keeps none of the others from being done. */
export function createUpkeep({ chores, clock, log, everyMs = 30_000, retryMs = 1_000 }: UpkeepOptions): Upkeep {
  let wake: (() => void) | undefined; // set while nothing is done
  let isDue = false;

  const runAll = async (signal: AbortSignal): Promise<boolean> => {
    let isDone = true;
    for (const { what, run } of chores) {
      if (signal.aborted) return true;
      await run().catch((error: unknown) => {
        isDone = false;
        log.warn({ err: error }, `${what}: failed, it is tried again`);
      });
    }
    return isDone;
  };
  const pause = (ms: number, signal: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      const end = (): void => {
        cancel();
        signal.removeEventListener("abort", end);
        wake = undefined;
        resolve();
      };
      const cancel = clock.after(ms, end);
      signal.addEventListener("abort", end);
      wake = end;
    });
  const loop = async (signal: AbortSignal): Promise<void> => {
    let failures = 0;
    while (!signal.aborted) {
      isDue = false;
      failures = (await runAll(signal)) ? 0 : failures + 1;
      if (isDue || signal.aborted) continue;
      await pause(failures === 0 ? everyMs : Math.min(everyMs, retryMs * 2 ** (failures - 1)), signal);
    }
  };
  return {
    nudge: () => {
      isDue = true;
      wake?.();
    },
    lead: (signal) => void loop(signal),
  };
}
