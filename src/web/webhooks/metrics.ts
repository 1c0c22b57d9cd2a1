import { Counter, Registry } from "prom-client";

/** Istio's names, so that its dashboards and alerts work. */
export interface WebhookMetrics {
  readonly requests: Counter;
  readonly injected: Counter;
  readonly failed: Counter<"reason">;
  readonly skipped: Counter;
  readonly passed: Counter<"kind">;
  readonly refused: Counter<"kind">;
}

/** Counters of both webhooks. Labels are bounded: kinds we know, reasons of ours. */
export function createWebhookMetrics(registry: Registry = new Registry()): WebhookMetrics {
  const registers = [registry];
  return {
    requests: new Counter({
      name: "sidecar_injection_requests_total",
      help: "pods that the API server asked about",
      registers,
    }),
    injected: new Counter({
      name: "sidecar_injection_success_total",
      help: "pods that got a sidecar",
      registers,
    }),
    failed: new Counter({
      name: "sidecar_injection_failure_total",
      help: "pods that could not get one",
      labelNames: ["reason"],
      registers,
    }),
    skipped: new Counter({ name: "sidecar_injection_skip_total", help: "pods that should have none", registers }),
    passed: new Counter({
      name: "galley_validation_passed",
      help: "objects that were admitted",
      labelNames: ["kind"],
      registers,
    }),
    refused: new Counter({
      name: "galley_validation_failed",
      help: "objects that were refused",
      labelNames: ["kind"],
      registers,
    }),
  };
}
