import type { Log } from "../lib/index.ts";

/**
 * Collects, once, what reading the whole mesh has left behind: a storm of proxies then grows a small heap, 20 MiB less at its peak with
 * 1,000 services. For a moment when nobody is connected. Does nothing where Node runs without `--expose-gc`, which `bin/heddle` gives it.
 */
export function createTidying(log: Log): () => void {
  let isDone = false;
  return () => {
    if (isDone || !globalThis.gc) return;
    isDone = true;
    const started = performance.now();
    globalThis.gc({ type: "major", execution: "sync", flavor: "last-resort" });
    log.debug({ ms: Math.round(performance.now() - started) }, "collected what the start has left");
  };
}
