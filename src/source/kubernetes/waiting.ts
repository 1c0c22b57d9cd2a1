import type { Clock } from "../../lib/index.ts";

/** As `promise`; rejects when the signal is aborted before. */
export async function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  let fail: () => void = () => undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    fail = () => reject(new Error("stopped"));
    if (signal.aborted) fail();
    else signal.addEventListener("abort", fail, { once: true });
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", fail);
  }
}

/** Resolves after `ms`; rejects when the signal is aborted before. */
export async function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  let cancel: () => void = () => undefined;
  const over = new Promise<void>((resolve) => (cancel = clock.after(ms, resolve)));
  await orAborted(over, signal).finally(() => cancel());
}
