import {
  echoPod,
  echoService,
  meshForSuite,
  policy,
  serverStats,
  waitFor,
  type RequestOptions,
  type Summary,
} from "./harness/index.ts";

const rule = (name: string, trafficPolicy: string, app = "server"): string =>
  `${echoService({ name, app })}---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: ${name}, namespace: default }
spec: { host: ${name}, trafficPolicy: ${trafficPolicy} }
`;

/** A service on ports 80 and 81 whose failures are tried once more, after half a second at most. */
const retried = (name: string, spec: object, subset?: string): string =>
  echoService({ name, app: "server", ports: { http: [80, 8080], "http-more": [81, 8080] } }) +
  policy("DestinationRule", name, { host: name, ...spec }) +
  policy("VirtualService", name, {
    hosts: [name],
    http: [
      { retries: { attempts: 1, retryOn: "5xx", backoff: "500ms" }, route: [{ destination: { host: name, subset } }] },
    ],
  });
const ofSubset = (trafficPolicy: object): object => ({
  subsets: [{ name: "v1", labels: { version: "v1" }, trafficPolicy }],
});
const budget = (percent: number, minRetryConcurrency: number): object => ({
  retryBudget: { percent, minRetryConcurrency },
});
const onPort81 = { portLevelSettings: [{ port: { number: 81 }, connectionPool: { http: { maxRetries: 1 } } }] };

const mesh = meshForSuite({
  yaml: [
    echoPod({ name: "client" }),
    echoPod({ name: "server" }),
    echoPod({ name: "mixed-good", app: "mixed", version: "good" }),
    echoPod({ name: "mixed-bad", app: "mixed", version: "bad", env: { STATUS: 500 } }),
    echoService({ name: "open", app: "server" }),
    rule(
      "narrow",
      `{ connectionPool: { tcp: { maxConnections: 1 }, http: { http1MaxPendingRequests: 1, http2MaxRequests: 1 } } }`,
    ),
    echoPod({ name: "weak", app: "crowd", version: "weak", env: { CAPACITY: 2 } }),
    echoPod({ name: "strong", app: "crowd", version: "strong" }),
    rule(
      "crowd",
      `{ outlierDetection: { consecutive5xxErrors: 3, interval: 500ms, baseEjectionTime: 3s, maxEjectionPercent: 100 } }`,
      "crowd",
    ),
    echoPod({ name: "fragile", env: { CAPACITY: 2 } }),
    echoService({ name: "bare", app: "fragile" }),
    rule(
      "guarded",
      `{ connectionPool: { tcp: { maxConnections: 1 }, http: { http1MaxPendingRequests: 100 } } }`,
      "fragile",
    ),
    retried("few-retries", { trafficPolicy: onPort81 }),
    retried("few-of-subset", ofSubset(onPort81), "v1"),
    retried("no-budget", { trafficPolicy: budget(0.1, 1) }),
    retried("budget-by-number", { trafficPolicy: budget(0.1, 20) }),
    retried("budget-by-load", ofSubset(budget(100, 1)), "v1"),
    rule(
      "ejecting",
      `{ outlierDetection: { consecutive5xxErrors: 3, interval: 500ms, baseEjectionTime: 2s, maxEjectionPercent: 100 } }`,
    ),
    rule(
      "by-gateway-errors",
      `{ outlierDetection: { consecutiveGatewayErrors: 3, consecutive5xxErrors: 0, interval: 500ms, baseEjectionTime: 300s, maxEjectionPercent: 100 } }`,
    ),
    rule(
      "mixed",
      `{ outlierDetection: { consecutive5xxErrors: 2, interval: 500ms, baseEjectionTime: 300s, maxEjectionPercent: 50 } }`,
      "mixed",
    ),
  ].join(""),
});

const send = (name: string, options: RequestOptions = {}): Promise<Summary> =>
  mesh().request("client", `http://${name}`, options);

describe("connection pool", () => {
  const burst: RequestOptions = { count: 20, concurrency: 20, keep: 20, headers: { "x-delay": "300" } };

  it("refuses at once what neither fits nor may wait", async () => {
    const { byStatus, answers } = await send("narrow", burst);
    expect(byStatus["200"]).toBeGreaterThanOrEqual(1);
    expect(byStatus["503"]).toBeGreaterThanOrEqual(10);
    const refused = answers.filter(({ status }) => status === 503);
    expect(refused.every(({ headers }) => headers["x-envoy-overloaded"] === "true")).toBe(true);
    const stats = await mesh().envoyStats("client", "narrow.*upstream_rq_pending_overflow");
    expect(Object.values(stats).reduce((sum, count) => sum + count, 0)).toBe(refused.length);
    expect(await serverStats(mesh(), "client", "open")).toMatchObject({ maxInFlight: 1 });
  });

  it("has no limits by default", async () => {
    expect((await send("open", burst)).byStatus).toEqual({ 200: 20 });
  });
});

describe("a server that takes no more than it can", () => {
  const overloaded = ({ answers }: Summary): number =>
    answers.filter(({ text, body }) => /overloaded/.test(text ?? JSON.stringify(body))).length;

  it("never hears of what waits for its only connection", async () => {
    const burst: RequestOptions = { count: 30, concurrency: 30, keep: 30, headers: { "x-delay": "30" } };
    expect(overloaded(await send("bare", burst))).toBeGreaterThan(0);
    expect((await send("guarded", burst)).byStatus).toEqual({ 200: 30 });
  });

  it("is left out while it refuses, and taken back when the rush is over", async () => {
    const stat = async (name: string): Promise<number> =>
      Object.values(await mesh().envoyStats("client", `^cluster\\..*\\|crowd\\..*outlier_detection[.]${name}$`))[0] ??
      0;
    const rush = mesh().startLoad("client", "http://crowd/", { concurrency: 20, headers: { "x-delay": "100" } });
    await waitFor("the weak one to be left out", async () => (await stat("ejections_active")) === 1);
    await rush.stop();
    await waitFor("the weak one to be taken back", async () => (await stat("ejections_active")) === 0);
    const { byVersion, ok } = await send("crowd", { count: 60 });
    expect(ok).toBe(60);
    expect(Object.keys(byVersion).sort()).toEqual(["strong", "weak"]);
  });
});

describe("retries that are under way at a time", () => {
  const failing = (name: string, url = `${name}/`): Promise<Summary> =>
    send(url, {
      count: 20,
      concurrency: 20,
      headers: { "x-fail": "1", "x-delay": "300", "x-request-key": `${url}-{n}` },
    });

  it.each(["few-retries", "few-of-subset"])("%s: only so many, on the port that says so", async (name) => {
    expect((await failing(name)).byStatus).toEqual({ 200: 20 });
    const { byStatus } = await failing(name, `${name}:81/`);
    expect(byStatus["200"]).toBeGreaterThanOrEqual(1);
    expect(byStatus["503"]).toBeGreaterThanOrEqual(10);
  });

  it("a budget lets a share of the load be retried, and always a few", async () => {
    const load = ["no-budget", "budget-by-load"].map((name) => {
      const options = { count: 40, concurrency: 40, headers: { "x-delay": "4000" } };
      return mesh().startLoad("client", `http://${name}/`, options);
    });
    await waitFor("80 requests under way", async () => {
      const stats = await mesh().envoyStats("client", "budget.*upstream_rq_active$");
      return Object.values(stats).reduce((sum, count) => sum + count, 0) >= 80;
    });
    const [none, byLoad, byNumber] = await Promise.all([
      failing("no-budget"),
      failing("budget-by-load"),
      failing("budget-by-number"),
    ]);
    expect(none.byStatus["503"]).toBeGreaterThanOrEqual(10);
    expect([byLoad.byStatus, byNumber.byStatus]).toEqual([{ 200: 20 }, { 200: 20 }]);
    for (const one of load) expect((await one.stop()).failed).toBe(0);
  });
});

describe("outlier detection", () => {
  it("leaves out who fails, and takes them back", async () => {
    expect((await send("ejecting", { count: 3, headers: { "x-status": "500" } })).byStatus).toEqual({ 500: 3 });
    const { answers } = await send("ejecting");
    expect(answers[0]).toMatchObject({ status: 503, text: expect.stringContaining("no healthy upstream") as string });
    await waitFor("the server to be taken back", async () => (await send("ejecting")).ok === 1);
    expect((await send("open")).ok).toBe(1);
  });

  it("counts what gateways say, where asked for that alone", async () => {
    const fail = (status: string): Promise<Summary> =>
      send("by-gateway-errors", { count: 6, headers: { "x-status": status } });
    expect((await fail("500")).byStatus).toEqual({ 500: 6 });
    expect((await send("by-gateway-errors")).ok).toBe(1);
    expect((await fail("502")).byStatus).toEqual({ 502: 3, 503: 3 });
  });

  it("goes on with those that work", async () => {
    await waitFor("the bad one to be left out", async () => (await send("mixed", { count: 10 })).failed === 0);
    expect((await send("mixed", { count: 50 })).byVersion).toEqual({ good: 50 });
  });
});
