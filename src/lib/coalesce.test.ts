import { coalesce } from "./coalesce.ts";
import { heldClock } from "./testdata/clock.ts";

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
