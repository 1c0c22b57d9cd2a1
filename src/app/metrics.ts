import { monitorEventLoopDelay } from "node:perf_hooks";
import { collectDefaultMetrics, Gauge, Registry } from "prom-client";

/** The registry behind `/metrics`: Node's own metrics, and how late the event loop runs (p99 since the last scrape, seconds). */
export function createRegistry(): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const delay = monitorEventLoopDelay({ resolution: 10 });
  delay.enable();
  new Gauge({
    name: "heddle_event_loop_delay_p99_seconds",
    help: "99th percentile of the event loop's delay since the last scrape",
    registers: [registry],
    collect() {
      this.set(delay.percentile(99) / 1e9);
      delay.reset();
    },
  });
  return registry;
}
