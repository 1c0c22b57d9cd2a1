import type { Clock } from "./clock.ts";

/** Call it for each change; `cancel` forgets what is pending. */
export interface Coalesced {
  (): void;
  cancel(): void;
}

/**
 * Turns many changes into few runs. The first change after quiet runs at once; those that follow run together when nothing came
 * for `quietMs`, and at the latest `maxMs` after the first of them. The last change is never lost.
 */
export function coalesce(
  options: { readonly quietMs: number; readonly maxMs: number; readonly clock: Clock },
  run: () => void,
): Coalesced {
  const { quietMs, maxMs, clock } = options;
  let stopTimer: (() => void) | undefined; // set while changes are held back
  let waitingSince: number | undefined; // set while a change waits

  const hold = (ms: number): void => {
    stopTimer?.();
    stopTimer = clock.after(ms, () => {
      stopTimer = undefined;
      if (waitingSince !== undefined) fire();
    });
  };
  const fire = (): void => {
    waitingSince = undefined;
    hold(quietMs);
    run();
  };
  const changed = (): void => {
    if (!stopTimer) return fire();
    waitingSince ??= clock.now();
    hold(Math.max(0, Math.min(quietMs, waitingSince + maxMs - clock.now())));
  };
  const cancel = (): void => {
    stopTimer?.();
    stopTimer = waitingSince = undefined;
  };
  return Object.assign(changed, { cancel });
}
