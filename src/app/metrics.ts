import { performance } from "node:perf_hooks";
import { collectDefaultMetrics, Gauge, Registry } from "prom-client";
import { version } from "./version.ts";

/** The registry behind `/metrics`: Node's own metrics, among them how late the event loop runs (`nodejs_eventloop_lag_p99_seconds` since the last scrape), and our version. */
export function createRegistry(): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  new Gauge({
    name: "heddle_build_info",
    help: "1; the label says which version runs",
    labelNames: ["version"],
    registers: [registry],
  }).set({ version }, 1);
  return registry;
}

/** What a start took: seconds from the start of the process until it was ready, and seconds of CPU. */
export interface StartCost {
  readonly startSeconds: number;
  readonly startCpuSeconds: number;
}

/** Called once, when it is ready; also shown as `heddle_start_seconds` and `heddle_start_cpu_seconds`. */
export function recordStart(registry: Registry): StartCost {
  const { user, system } = process.cpuUsage();
  const rounded = (seconds: number): number => Number(seconds.toFixed(2));
  const startSeconds = rounded(performance.now() / 1e3); // the clock of a process begins with it
  const startCpuSeconds = rounded((user + system) / 1e6);
  const registers = [registry];
  const help = "from the start of the process until it was ready";
  new Gauge({ name: "heddle_start_seconds", help: `seconds ${help}`, registers }).set(startSeconds);
  new Gauge({ name: "heddle_start_cpu_seconds", help: `seconds of CPU ${help}`, registers }).set(startCpuSeconds);
  return { startSeconds, startCpuSeconds };
}
