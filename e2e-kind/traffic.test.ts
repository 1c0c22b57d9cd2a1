import { deploySamples, waitFor, type TestNamespace } from "./harness/index.ts";

const links = "http://link-service:8080/";
const analytics = "http://analytics-service:8080/";

/** Within four standard deviations of the share: a right split fails this once in 16,000 runs. */
function expectShare(hits: number, count: number, share: number): void {
  const tolerance = 4 * Math.sqrt((share * (1 - share)) / count);
  expect(Math.abs(hits / count - share)).toBeLessThanOrEqual(tolerance);
}

describe("traffic policy of the samples, with requests from a pod", () => {
  let mesh: TestNamespace;
  beforeAll(async () => {
    mesh = await deploySamples("e2e-traffic");
  });
  afterAll(() => mesh.remove());

  test("canary: 95 % stable, 5 % canary of 2,000 requests", async () => {
    await mesh.applySample("10-canary.yaml");
    await waitFor("nobody gets beta any more", async () => {
      const { byVersion } = await mesh.request("web", links, { count: 60, concurrency: 4, keep: 0 });
      return byVersion["beta"] === undefined;
    });
    const { ok, count, byVersion } = await mesh.request("web", links, { count: 2_000, concurrency: 10, keep: 0 });
    expect({ ok, count }).toEqual({ ok: 2_000, count: 2_000 });
    expectShare(byVersion["canary"] ?? 0, count, 0.05);
    expect((byVersion["canary"] ?? 0) + (byVersion["stable"] ?? 0)).toBe(count);
  });

  test("header routing: X-Beta-User gets beta, nobody else does", async () => {
    await mesh.applySample("30-header-routing.yaml");
    const headers = { "x-beta-user": "true" };
    await waitFor("a beta user gets beta", async () => {
      const { byVersion } = await mesh.request("web", links, { count: 5, keep: 0, headers });
      return byVersion["beta"] === 5;
    });
    const users = await mesh.request("web", links, { count: 300, concurrency: 10, keep: 0, headers });
    const others = await mesh.request("web", links, { count: 300, concurrency: 10, keep: 0 });
    expect(users.byVersion).toEqual({ beta: 300 });
    expect(others.byVersion["beta"]).toBeUndefined();
    expect(others.ok).toBe(300);
  });

  test("fault: every tenth call waits five seconds", async () => {
    await mesh.applySample("20-fault-delay.yaml");
    await waitFor("a call waits", async () => {
      const { ms } = await mesh.request("web", analytics, { count: 40, concurrency: 40, keep: 0 });
      return ms.max > 4_900;
    });
    const { ok, count, durations } = await mesh.request("web", analytics, { count: 500, concurrency: 50, keep: 0 });
    expect(ok).toBe(count);
    const late = durations.filter((ms) => ms >= 4_990);
    expectShare(late.length, count, 0.1);
    expect(durations.filter((ms) => ms > 3_000 && ms < 4_990)).toEqual([]);
  });

  test("fault: every tenth call is answered 503 by the caller's own sidecar", async () => {
    await mesh.applySample("25-fault-abort.yaml");
    await waitFor("a call is refused, none waits", async () => {
      const { byStatus, ms } = await mesh.request("web", analytics, { count: 60, concurrency: 20, keep: 0 });
      return byStatus["503"] !== undefined && ms.max < 4_000;
    });
    const { ok, count, byStatus } = await mesh.request("web", analytics, { count: 1_000, concurrency: 10, keep: 0 });
    const refused = byStatus["503"] ?? 0;
    expectShare(refused, count, 0.1);
    expect(ok + refused).toBe(count);
  });

  test("retries: each replica fails a call once, and every call is answered", async () => {
    await mesh.applySample("40-retries.yaml");
    await waitFor("no call is refused", async () => {
      const { failed } = await mesh.request("web", analytics, { count: 100, concurrency: 10, keep: 0 });
      return failed === 0;
    });
    const headers = { "x-fail": "1", "x-request-key": "retry-{n}" };
    const { answers, ok } = await mesh.request("web", analytics, { count: 100, concurrency: 5, keep: 100, headers });
    expect(ok).toBe(100);
    const attempts = answers.map(({ body }) => Number(body?.headers["x-envoy-attempt-count"]));
    expect(attempts.every((attempt) => attempt >= 2 && attempt <= 4)).toBe(true);
    expect(Math.max(...attempts)).toBe(4); // three replicas, a different one each time
  });

  test("circuit breaker: twenty at once overflow it; one after the other they pass", async () => {
    await mesh.applySample("50-circuit-breaker.yaml");
    const flood = { count: 200, concurrency: 20, keep: 0, headers: { "x-delay": "50" } };
    const { ok, count, byStatus } = await waitFor("calls are refused", async () => {
      const summary = await mesh.request("web", analytics, flood);
      return (summary.byStatus["503"] ?? 0) > 0 && summary;
    });
    expect(ok).toBeGreaterThan(0);
    expect(ok + (byStatus["503"] ?? 0)).toBe(count);
    const after = await mesh.request("web", analytics, { count: 20, keep: 0 });
    expect(after.ok).toBe(20);
  });
});
