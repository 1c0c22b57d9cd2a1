import { heldClock } from "../../lib/testdata/clock.ts";
import { Pace } from "./pace.ts";

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const stepMs = 50; // what is due within a step is seen at its end

function open(everyMs = 1000) {
  const clock = heldClock();
  const pace = new Pace(clock, everyMs);
  const passed: string[] = [];
  const ask = (name: string, order: number, signal = new AbortController().signal): Promise<void> =>
    pace.turn(order, signal).then(
      () => void passed.push(`${name}@${clock.now()}`),
      () => void passed.push(`${name} left`),
    );
  /** Moves the clock in small steps, so that each turn is seen at its time. */
  const advance = async (ms: number): Promise<void> => {
    for (let moved = 0; moved < ms; moved += stepMs) {
      clock.advance(stepMs);
      await settle();
    }
  };
  return { ask, advance, passed };
}

it("lets one pass at a time, the given time apart, those with a lower order first", async () => {
  const { ask, advance, passed } = open();
  for (const [name, order] of [
    ["c", 3],
    ["a", 1],
    ["b", 2],
  ] as const)
    void ask(name, order);
  await advance(1500);
  expect(passed.map((it) => it.slice(0, 1))).toEqual(["a", "b"]);
  void ask("urgent", 0);
  await advance(3000);
  const times = passed.map((it) => Number(it.split("@")[1]));
  expect(passed.map((it) => it.split("@")[0])).toEqual(["a", "b", "urgent", "c"]);
  for (const [i, time] of times.entries())
    if (i > 0) expect(time - (times[i - 1] ?? 0)).toBeGreaterThanOrEqual(1000 - stepMs);
});

it("gives the turn of one that left to the next, and keeps the distance after a pause", async () => {
  const { ask, advance, passed } = open();
  const gone = new AbortController();
  void ask("gone", 0, gone.signal);
  void ask("next", 1);
  gone.abort();
  await settle();
  await advance(200);
  expect(passed.map((it) => it.split("@")[0])).toEqual(["gone left", "next"]);
  void ask("soon", 0);
  await advance(500);
  expect(passed).toHaveLength(2);
  await advance(1000);
  expect(passed).toHaveLength(3);
});
