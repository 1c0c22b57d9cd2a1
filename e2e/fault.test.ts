import { echoPod, echoService, meshForSuite, serverStats, type RequestOptions, type Summary } from "./harness/index.ts";

/** One pod under many names: each name has its own fault. */
const rule = (name: string, http: string): string =>
  `${echoService({ name, app: "server" })}---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: ${name}, namespace: default }
spec: { hosts: [${name}], http: [${http}] }
`;
const to = (name: string): string => `route: [{ destination: { host: ${name} } }]`;

const mesh = meshForSuite({
  yaml: [
    echoPod({ name: "client" }),
    echoPod({ name: "server" }),
    rule(
      "refusing-marked",
      `{ match: [{ headers: { x-fault: { exact: "yes" } } }], fault: { abort: { httpStatus: 418, percentage: { value: 100 } } }, ${to("refusing-marked")} }, { ${to("refusing-marked")} }`,
    ),
    rule(
      "refusing-some",
      `{ fault: { abort: { httpStatus: 503, percentage: { value: 10 } } }, ${to("refusing-some")} }`,
    ),
    rule(
      "refusing-grpc",
      `{ fault: { abort: { grpcStatus: RESOURCE_EXHAUSTED, percentage: { value: 100 } } }, ${to("refusing-grpc")} }`,
    ),
    rule("refusing-nobody", `{ fault: { abort: { httpStatus: 503 } }, ${to("refusing-nobody")} }`),
    rule(
      "slow-marked",
      `{ match: [{ headers: { x-fault: { exact: "yes" } } }], fault: { delay: { fixedDelay: 1.5s, percentage: { value: 100 } } }, ${to("slow-marked")} }, { ${to("slow-marked")} }`,
    ),
    rule("slow-by-percent", `{ fault: { delay: { fixedDelay: 400ms, percent: 100 } }, ${to("slow-by-percent")} }`),
    rule("slow-some", `{ fault: { delay: { fixedDelay: 2s, percentage: { value: 20 } } }, ${to("slow-some")} }`),
    rule(
      "slow-then-refusing",
      `{ fault: { delay: { fixedDelay: 500ms, percentage: { value: 100 } }, abort: { httpStatus: 400, percentage: { value: 100 } } }, ${to("slow-then-refusing")} }`,
    ),
  ].join(""),
});

const send = (name: string, options: RequestOptions = {}): Promise<Summary> =>
  mesh().request("client", `http://${name}/`, options);
const marked = { headers: { "x-fault": "yes" } };

describe("abort", () => {
  it("refuses what the match selects, and the server never hears of it", async () => {
    const before = await send("refusing-marked", { ...marked, count: 20 });
    expect(before.byStatus).toEqual({ 418: 20 });
    expect(await serverStats(mesh(), "client", "refusing-marked")).toMatchObject({ requests: 0 });
    expect((await send("refusing-marked", { count: 20 })).byStatus).toEqual({ 200: 20 });
  });

  it("refuses a tenth of 2,000, within 3 %", async () => {
    const { byStatus, count } = await send("refusing-some", { count: 2000, concurrency: 4 });
    expect(Object.keys(byStatus)).toEqual(["200", "503"]);
    expect(Math.abs((byStatus["503"] ?? 0) / count - 0.1)).toBeLessThan(0.03); // four standard deviations
  });

  it("refuses gRPC calls in gRPC's way", async () => {
    const { answers } = await send("refusing-grpc", {
      method: "POST",
      headers: { "content-type": "application/grpc" },
    });
    expect(answers[0]).toMatchObject({ status: 200, headers: { "grpc-status": "8" } });
  });

  it("without a percentage, refuses nobody", async () => {
    expect((await send("refusing-nobody", { count: 100 })).byStatus).toEqual({ 200: 100 });
  });
});

describe("delay", () => {
  it("holds back what the match selects, and nothing else", async () => {
    const held = await send("slow-marked", { ...marked, count: 4, concurrency: 4 });
    expect(held.byStatus).toEqual({ 200: 4 });
    expect(Math.min(...held.durations)).toBeGreaterThanOrEqual(1495);
    const others = await send("slow-marked", { count: 4, concurrency: 4 });
    expect(Math.min(...others.durations)).toBeLessThan(1495);
  });

  it("holds back a fifth of 600, within 7 %", async () => {
    const { ok, durations } = await send("slow-some", { count: 600, concurrency: 100 });
    expect(ok).toBe(600);
    const share = durations.filter((ms) => ms >= 1990).length / 600;
    expect(Math.abs(share - 0.2)).toBeLessThan(0.07); // four standard deviations
  });

  it("by the older field, in whole percent", async () => {
    const { byStatus, durations } = await send("slow-by-percent", { count: 3, concurrency: 3 });
    expect(byStatus).toEqual({ 200: 3 });
    expect(Math.min(...durations)).toBeGreaterThanOrEqual(395);
  });

  it("before an abort", async () => {
    const { byStatus, durations } = await send("slow-then-refusing", { count: 3, concurrency: 3 });
    expect(byStatus).toEqual({ 400: 3 });
    expect(Math.min(...durations)).toBeGreaterThanOrEqual(495);
  });
});
