import {
  echoPod,
  echoService,
  meshForSuite,
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
  mesh().request("client", `http://${name}/`, options);

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
