/** Time, so that a test can hold it: milliseconds since the epoch, and monotonic timers. */
export interface Clock {
  now(): number;
  /** Calls `run` once after `ms`; the returned function cancels. Never keeps the process alive. */
  after(ms: number, run: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, ms);
    timer.unref();
    return () => clearTimeout(timer);
  },
};
