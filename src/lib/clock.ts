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

/** As the system's clock, but it never jumps when somebody sets the time: for how long ago something was. Its zero is the start of the process. */
export const monotonicClock: Clock = {
  now: () => performance.now(),
  after: (ms, run) => systemClock.after(ms, run),
};
