import { monitorEventLoopDelay, type ELDHistogram } from "node:perf_hooks";
import { Gauge, type Registry } from "prom-client";

const figures: readonly (readonly [string, (turns: ELDHistogram) => number])[] = [
  ["min", (turns) => turns.min],
  ["max", (turns) => turns.max],
  ["mean", (turns) => turns.mean],
  ["stddev", (turns) => turns.stddev],
  ["p50", (turns) => turns.percentile(50)],
  ["p90", (turns) => turns.percentile(90)],
  ["p99", (turns) => turns.percentile(99)],
];

/**
 * Shows how long the turns of the event loop took since the last scrape, and so how long others waited: `nodejs_eventloop_lag_{min,max,
 * mean,stddev,p50,p90,p99}_seconds`, in place of prom-client's metrics of these names. Those come from a timer that wakes the process a
 * hundred times a second, half of what a control plane at rest takes; here every turn is measured, and none is taken for the measuring.
 * https://nodejs.org/api/perf_hooks.html#perf_hooksmonitoreventloopdelayoptions, `samplePerIteration`.
 */
export function measureEventLoop(registry: Registry): void {
  const turns = monitorEventLoopDelay({ samplePerIteration: true });
  turns.enable();
  for (const [figure, of] of figures) {
    const name = `nodejs_eventloop_lag_${figure}_seconds`;
    registry.removeSingleMetric(name);
    new Gauge({
      name,
      help: `${figure} of the turns of the event loop since the last scrape`,
      registers: [registry],
      collect() {
        this.set(turns.count > 0 ? of(turns) / 1e9 : 0);
        if (figure === "p99") turns.reset(); // the last that is asked
      },
    });
  }
}
