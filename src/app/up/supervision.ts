import type { Log } from "../../lib/index.ts";
import { lastLines, type RunningProcess } from "./processes.ts";

const firstPauseMs = 500;
const longestPauseMs = 30_000;
const goodRunMs = 10_000; // after so long a life the next death counts as the first

export interface Supervised {
  /** The process of the moment. */
  current(): RunningProcess;
  stop(): Promise<void>;
}

/** Starts a process, and again whenever it ends, each time after a longer pause. Rejects when the first start fails. */
export async function keepRunning(name: string, start: () => Promise<RunningProcess>, log: Log): Promise<Supervised> {
  let process = await start();
  let startedAt = performance.now();
  let pauseMs = firstPauseMs;
  let wake = () => {};
  let stopping = false;
  const stopped = () => stopping; // asked anew after each wait

  const watch = async () => {
    while (!stopped()) {
      const end = await process.ended;
      if (stopped()) return;
      log.warn({ process: name, end, said: await lastLines(process.logFile, 3) }, "a process ended; starting it again");
      if (performance.now() - startedAt > goodRunMs) pauseMs = firstPauseMs;
      await new Promise<void>((resolve) => {
        wake = resolve;
        setTimeout(resolve, pauseMs).unref();
      });
      pauseMs = Math.min(2 * pauseMs, longestPauseMs);
      if (stopped()) return;
      startedAt = performance.now();
      process = await start().catch((error: unknown) => {
        log.error(
          { process: name, error: error instanceof Error ? error.message : String(error) },
          "cannot start again",
        );
        return process;
      });
    }
  };
  const watching = watch();
  return {
    current: () => process,
    stop: async () => {
      stopping = true;
      wake();
      await process.stop();
      await watching;
      await process.stop(); // one that was just being started
    },
  };
}
