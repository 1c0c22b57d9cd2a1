import { clusterUnder } from "./test-support.ts";

const limitsOf = (policy: Parameters<typeof clusterUnder>[0]) =>
  (clusterUnder(policy)["circuitBreakers"] as { thresholds: unknown[] }).thresholds;

const max = 4_294_967_295;

it("sets no limit that nobody asked for", () => {
  expect(limitsOf(undefined)).toEqual([
    { maxConnections: max, maxPendingRequests: max, maxRequests: max, maxRetries: max, trackRemaining: true },
  ]);
});

it("takes each limit from its field, and 0 for not set", () => {
  const http = { http1MaxPendingRequests: 2, http2MaxRequests: 3, maxRetries: 4 };
  expect(limitsOf({ connectionPool: { tcp: { maxConnections: 1 }, http } })).toMatchObject([
    { maxConnections: 1, maxPendingRequests: 2, maxRequests: 3, maxRetries: 4 },
  ]);
  expect(limitsOf({ connectionPool: { tcp: { maxConnections: 0 } } })).toMatchObject([{ maxConnections: max }]);
});

it("gives retries a budget", () => {
  const budget = (retryBudget: object) => limitsOf({ retryBudget });
  expect(budget({ percent: 12.5, minRetryConcurrency: 7 })).toMatchObject([
    { retryBudget: { budgetPercent: { value: 12.5 }, minRetryConcurrency: 7 } },
  ]);
  expect(budget({})).toMatchObject([{ retryBudget: { budgetPercent: { value: 20 }, minRetryConcurrency: 3 } }]);
});
