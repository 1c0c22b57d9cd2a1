import { Admission } from "./admission.ts";
import { heldClock } from "./testdata/clock.ts";

it("lets a burst in at once and the rest in order, at the rate", () => {
  const clock = heldClock();
  const admission = new Admission(clock, 10, 3, 100);
  const seen: number[] = [];
  for (let n = 0; n < 6; n++) admission.enter(() => seen.push(n));
  expect(seen).toEqual([0, 1, 2]);
  clock.advance(100);
  expect(seen).toEqual([0, 1, 2, 3]);
  clock.advance(1_000);
  expect(seen).toEqual([0, 1, 2, 3, 4, 5]);
  expect(clock.timers).toBe(0);
});

it("refuses only when the queue is full, and forgets who went away", () => {
  const clock = heldClock();
  const admission = new Admission(clock, 10, 1, 2);
  const seen: string[] = [];
  const enter = (name: string) => admission.enter(() => seen.push(name));
  enter("first");
  const leave = enter("second");
  enter("third");
  expect(enter("fourth")).toBeUndefined();
  leave?.();
  expect(enter("fifth")).toBeDefined();
  clock.advance(10_000);
  expect(seen).toEqual(["first", "third", "fifth"]);
});
