import { CircuitBreakers } from "../../../generated/envoy/config/cluster/v3/circuit_breaker.ts";
import type { Policy } from "./policy.ts";

/** Envoy's own defaults (1024 connections and requests, 3 retries) break healthy services under load: none unless asked for. */
const unlimited = 4_294_967_295;

/**
 * The limits of https://istio.io/latest/docs/reference/config/networking/destination-rule/#ConnectionPoolSettings; 0 is "not set" there.
 * A retry budget takes the place of maxRetries.
 */
export function buildCircuitBreakers({ connectionPool, retryBudget }: Policy): CircuitBreakers {
  const { http, tcp } = connectionPool ?? {};
  return CircuitBreakers.fromPartial({
    thresholds: [
      {
        maxConnections: tcp?.maxConnections || unlimited,
        maxPendingRequests: http?.http1MaxPendingRequests || unlimited,
        maxRequests: http?.http2MaxRequests || unlimited,
        maxRetries: http?.maxRetries || unlimited,
        trackRemaining: true,
        ...(retryBudget && {
          retryBudget: {
            budgetPercent: { value: retryBudget.percent ?? 20 },
            minRetryConcurrency: retryBudget.minRetryConcurrency ?? 3,
          },
        }),
      },
    ],
  });
}
