import type { Clock } from "./clock.ts";
import { coalesce } from "./coalesce.ts";

/** A clock that stands until it is told to move. */
function heldClock(): Clock & { advance(ms: number): void } {
  let now = 0;
  const timers = new Set<{ at: number; run: () => void }>();
  return {
    now: () => now,
    after(ms, run) {
      const timer = { at: now + ms, run };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    advance(ms) {
      const end = now + ms;
      for (;;) {
        const next = [...timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
        if (!next) break;
        timers.delete(next);
        now = next.at;
        next.run();
      }
      now = end;
    },
  };
}

function setUp() {
  const clock = heldClock();
  const runs: number[] = [];
  const changed = coalesce({ quietMs: 100, maxMs: 10_000, clock }, () => runs.push(clock.now()));
  return { clock, runs, changed };
}

it("runs at once for the first change after quiet", () => {
  const { clock, runs, changed } = setUp();
  changed();
  expect(runs).toEqual([0]);
  clock.advance(101);
  expect(runs).toEqual([0]);
  changed();
  expect(runs).toEqual([0, 101]);
});

it("runs once for changes that follow, when they have stopped for the quiet time", () => {
  const { clock, runs, changed } = setUp();
  changed();
  for (let i = 0; i < 5; i++) {
    clock.advance(50);
    changed();
  }
  expect(runs).toEqual([0]);
  clock.advance(100);
  expect(runs).toEqual([0, 350]);
});

it("runs in a storm at the latest after the longest wait, so that 1,000 edits in 10 s are few runs (F23)", () => {
  const { clock, runs, changed } = setUp();
  let last = 0;
  for (let i = 0; i < 1000; i++) {
    changed();
    last = clock.now();
    clock.advance(10);
  }
  clock.advance(10_000);
  expect(runs.length).toBeLessThanOrEqual(20);
  expect(runs.at(-1)).toBeGreaterThanOrEqual(last);
});

it("forgets what is pending when cancelled", () => {
  const { clock, runs, changed } = setUp();
  changed();
  changed();
  changed.cancel();
  clock.advance(20_000);
  expect(runs).toEqual([0]);
});
