import {
  echoPod,
  echoService,
  meshForSuite,
  policy,
  serverStats,
  type RequestOptions,
  type Summary,
} from "./harness/index.ts";

const rule = (name: string, fields = "", app = "server"): string =>
  `${echoService({ name, app })}---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: ${name}, namespace: default }
spec: { hosts: [${name}], http: [{ ${fields} route: [{ destination: { host: ${name} } }] }] }
`;

let addresses = 9;
/** A host outside of the mesh with two endpoints, of which one refuses connections. */
const halfDead = (name: string): string => `---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: ${name}, namespace: default }
spec:
  hosts: [${name}.example]
  addresses: [192.0.2.${++addresses}]
  location: MESH_EXTERNAL
  resolution: STATIC
  ports: [{ number: 80, name: http, protocol: HTTP }]
  endpoints: [{ address: 10.244.0.1, ports: { http: 9101 } }, { address: 10.244.0.1, ports: { http: 9102 } }]
`;

const mesh = meshForSuite({
  yaml: [
    echoPod({ name: "client" }),
    echoPod({ name: "server" }),
    echoPod({ name: "mixed-good", app: "mixed", version: "good" }),
    echoPod({ name: "mixed-bad", app: "mixed", version: "bad", env: { STATUS: 500 } }),
    echoService({ name: "plain", app: "server" }),
    rule("stubborn", `retries: { attempts: 3, retryOn: "5xx" },`),
    rule("by-status", `retries: { attempts: 2, retryOn: "409" },`),
    rule("gateway-errors", `retries: { attempts: 2, retryOn: "gateway-error" },`),
    rule("never", `retries: { attempts: 0 },`),
    rule("short-tries", `retries: { attempts: 2, perTryTimeout: 300ms, retryOn: "5xx" },`),
    rule("patient", `retries: { attempts: 1, retryOn: "5xx", backoff: 1s },`),
    rule("anew", `retries: { attempts: 2, retryOn: "5xx" },`, "mixed"),
    rule("anywhere", `retries: { attempts: 2, retryOn: "5xx", retryIgnorePreviousHosts: false },`, "mixed"),
    rule("limited", `timeout: 400ms,`),
    rule("limited-in-all", `timeout: 700ms, retries: { attempts: 50, perTryTimeout: 100ms, retryOn: "5xx" },`),
    halfDead("half-dead"),
    halfDead("no-second-try"),
    ...["sticky", "sticky-by-rule"].map(
      (name) =>
        halfDead(name) +
        policy("DestinationRule", name, {
          host: `${name}.example`,
          trafficPolicy: { loadBalancer: { consistentHash: { httpHeaderName: "x-user" } } },
        }),
    ),
    policy("VirtualService", "sticky-by-rule", {
      hosts: ["sticky-by-rule.example"],
      http: [{ route: [{ destination: { host: "sticky-by-rule.example" } }] }],
    }),
    `---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: no-second-try, namespace: default }
spec:
  hosts: [no-second-try.example]
  http: [{ retries: { attempts: 0 }, route: [{ destination: { host: no-second-try.example } }] }]
`,
  ].join(""),
});

let keys = 0;
/** One request, and how often the server was asked for it. */
async function ask(
  name: string,
  headers: Record<string, string>,
): Promise<{ status: number; ms: number; seen: number }> {
  keys += 1;
  const key = `k${keys}`;
  const { answers } = await send(name, { headers: { ...headers, "x-request-key": key } });
  const { byKey } = await serverStats(mesh(), "client", "plain");
  return { status: answers[0]?.status ?? 0, ms: answers[0]?.ms ?? 0, seen: byKey[key] ?? 0 };
}
const send = (name: string, options: RequestOptions): Promise<Summary> =>
  mesh().request("client", `http://${name}/`, options);

describe("retries", () => {
  it("go on until it works", async () => {
    expect(await ask("stubborn", { "x-fail": "2" })).toMatchObject({ status: 200, seen: 3 });
  });

  it("end with the last of them: 3 attempts are 4 requests", async () => {
    expect(await ask("stubborn", { "x-fail": "9" })).toMatchObject({ status: 503, seen: 4 });
  });

  it("of connections that the server resets", async () => {
    expect(await ask("stubborn", { "x-reset": "1" })).toMatchObject({ status: 200, seen: 2 });
  });

  it("not of what retryOn does not name", async () => {
    expect(await ask("by-status", { "x-status": "409" })).toMatchObject({ status: 409, seen: 3 });
    expect(await ask("by-status", { "x-status": "503" })).toMatchObject({ status: 503, seen: 1 });
    expect(await ask("gateway-errors", { "x-status": "502" })).toMatchObject({ status: 502, seen: 3 });
    expect(await ask("gateway-errors", { "x-status": "500" })).toMatchObject({ status: 500, seen: 1 });
  });

  it("none where attempts is 0", async () => {
    expect(await ask("never", { "x-fail": "1" })).toMatchObject({ status: 503, seen: 1 });
  });

  it("each with its own time limit", async () => {
    const { status, ms, seen } = await ask("short-tries", { "x-delay": "10000" });
    expect({ status, seen }).toEqual({ status: 504, seen: 3 });
    expect(ms).toBeGreaterThanOrEqual(895);
  });
});

describe("between retries", () => {
  it("there is a pause of up to the backoff, at random: most of 40 wait longer than Envoy's own 25 ms", async () => {
    const headers = { "x-fail": "1", "x-request-key": "patient-{n}" };
    const { ok, durations } = await send("patient", { count: 40, concurrency: 40, headers });
    expect(ok).toBe(40);
    expect(durations.filter((ms) => ms >= 200).length).toBeGreaterThanOrEqual(20); // 32 are likely
  });

  it("another host is taken, unless the same may be", async () => {
    expect((await send("anew", { count: 100 })).byVersion).toEqual({ good: 100 });
    expect((await send("anywhere", { count: 100 })).byVersion["bad"]).toBeGreaterThan(0); // 12 are likely
  });
});

describe("retries by default, where no policy says anything", () => {
  beforeAll(() => mesh().startOutside(9101));

  it("not of a 503 of the application", async () => {
    expect(await ask("plain", { "x-fail": "1" })).toMatchObject({ status: 503, seen: 1 });
  });

  it("of refused connections, at another endpoint", async () => {
    expect((await send("half-dead.example", { count: 40, keepAlive: false })).byStatus).toEqual({ 200: 40 });
    const { byStatus } = await send("no-second-try.example", { count: 40, keepAlive: false });
    expect(byStatus["503"]).toBeGreaterThan(0);
  });

  it("of sticky services they leave a host that refuses, unless a rule of their own leads there, as on Istio", async () => {
    const users = { count: 40, keepAlive: false, headers: { "x-user": "user-{n}" } };
    expect((await send("sticky.example", users)).byStatus).toEqual({ 200: 40 });
    expect((await send("sticky-by-rule.example", users)).byStatus["503"]).toBeGreaterThan(0);
  });
});

describe("timeout", () => {
  it("cuts off what takes longer, and nothing else", async () => {
    const { status, ms } = await ask("limited", { "x-delay": "10000" });
    expect(status).toBe(504);
    expect(ms).toBeGreaterThanOrEqual(395);
    expect(ms).toBeLessThan(9000);
    expect(await ask("limited", {})).toMatchObject({ status: 200 });
  });

  it("is for all attempts together", async () => {
    const { status, seen } = await ask("limited-in-all", { "x-delay": "10000" });
    expect(status).toBe(504);
    expect(seen).toBeGreaterThan(1);
    expect(seen).toBeLessThan(9);
  });

  it("is off by default: Envoy's own 15 seconds do not apply", async () => {
    expect(await ask("plain", { "x-delay": "15500" })).toMatchObject({ status: 200, seen: 1 });
  });
});
