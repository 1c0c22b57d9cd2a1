import { setTimeout as pause } from "node:timers/promises";

/**
 * Asks again and again until the answer is neither undefined nor false, and returns it; a rejection counts as "not yet".
 * Throws after `timeoutMs` (30 s), saying what was waited for and what was seen last.
 */
export async function waitFor<T>(
  what: string,
  condition: () => Promise<T | undefined | false> | T | undefined | false,
  { timeoutMs = 30_000, everyMs = 50 }: { timeoutMs?: number; everyMs?: number } = {},
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    let last: unknown;
    try {
      const value = await condition();
      if (value !== undefined && value !== false) return value;
      last = value;
    } catch (error) {
      last = error instanceof Error ? error.message : error;
    }
    if (performance.now() > deadline) throw new Error(`waited ${timeoutMs} ms for: ${what} (last: ${String(last)})`);
    await pause(everyMs);
  }
}
