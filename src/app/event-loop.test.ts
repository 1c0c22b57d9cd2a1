import { setTimeout } from "node:timers/promises";
import { createRegistry } from "./metrics.ts";

function lag(metrics: string, figure: string): number {
  const begin = `nodejs_eventloop_lag_${figure}_seconds `;
  const values = metrics
    .split("\n")
    .filter((line) => line.startsWith(begin))
    .map((line) => Number(line.slice(begin.length)));
  expect(values).toHaveLength(1);
  return values[0]!;
}

function block(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

test("every turn of the event loop since the last scrape is measured, and nothing of before", async () => {
  const registry = createRegistry();
  await registry.metrics();
  await setTimeout(1);
  block(400);
  await setTimeout(1);
  const blocked = await registry.metrics();
  expect(lag(blocked, "max")).toBeGreaterThanOrEqual(0.4);
  expect(lag(blocked, "p99")).toBeGreaterThanOrEqual(0.4);
  expect(lag(blocked, "min")).toBeLessThanOrEqual(lag(blocked, "p50"));

  await setTimeout(20);
  const quiet = await registry.metrics();
  expect(lag(quiet, "max")).toBeLessThan(0.4);
  expect(lag(quiet, "min")).toBeGreaterThan(0);
  expect(lag(quiet, "min")).toBeLessThan(0.005); // the library's timer would say 0.01: how long it waits itself
});
