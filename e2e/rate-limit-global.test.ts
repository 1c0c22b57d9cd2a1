import { documents, echoService } from "./echo-services.ts";
import { echoPod, echoService as serviceOf, meshForSuite, policy, waitFor, type Summary } from "./harness/index.ts";

/** A pod that counts for others: e2e/apps/rate-limit-service.ts. */
const limiter = `${JSON.stringify({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "limiter", namespace: "infra", labels: { app: "limiter", "sidecar.istio.io/inject": "true" } },
  spec: {
    serviceAccountName: "limiter",
    containers: [{ name: "app", command: ["node", "e2e/apps/rate-limit-service.ts"] }],
  },
})}\n`;

const limiterPorts = { grpc: [8081], http: [8080], "grpc-dead": [9999] } as const;

/** A connection for each request: one that is open when a limit comes keeps to what it began with until it has drained. */
const fresh = (host: string): string =>
  policy("DestinationRule", host, {
    host,
    trafficPolicy: { connectionPool: { http: { maxRequestsPerConnection: 1 } } },
  });

const limitOf = (app: string, name: string, spec: object): string =>
  policy("RateLimit", name, { selector: { matchLabels: { app } }, ...spec });

const mesh = meshForSuite({
  yaml: documents(
    ...["a", "b"].map((name) => echoPod({ name })),
    echoService("server"),
    echoService("twin", ["v1", "v2"]),
    limiter,
    serviceOf({ name: "limiter", namespace: "infra", ports: limiterPorts }),
    ...["server", "twin"].map(fresh),
  ),
});

beforeAll(async () => {
  for (const app of ["server", "twin", "limiter.infra"])
    await waitFor(`${app} to answer`, async () => (await mesh().request("a", `http://${app}:8080/`)).ok === 1);
});

const ask = (from: string, options: object = {}): Promise<Summary> =>
  mesh().request(from, "http://server:8080/", options);
const askTwins = (from: string, options: object = {}): Promise<Summary> =>
  mesh().request(from, "http://twin:8080/", options);

/** What the service was asked for, and how often. */
async function asked(): Promise<Readonly<Record<string, number>>> {
  const { answers } = await mesh().request("a", "http://limiter.infra:8080/");
  return (answers[0]?.body ?? {}) as unknown as Readonly<Record<string, number>>;
}

describe("a limit that a service keeps for all", () => {
  const host = "limiter.infra.svc.cluster.local";
  const global = (domain: string, more: object = {}, port = 8081): object => ({
    global: { service: `${host}:${port}`, domain, timeout: "2s", ...more },
    rules: [{ name: "callers", per: "PRINCIPAL" }],
  });
  const strict = policy("PeerAuthentication", "default", { mtls: { mode: "STRICT" } }, "infra");

  it("is one limit of all replicas, asked for over mutual TLS, by the caller's name", async () => {
    await mesh().replacePolicy(strict + limitOf("twin", "global", global("limit-10")));
    const { byStatus, byInstance, answers } = await askTwins("a", { count: 30, keep: 30 });
    expect(byStatus).toEqual({ "200": 10, "429": 20 });
    expect(Object.keys(byInstance).length).toBe(2);
    const refused = answers.find(({ status }) => status === 429);
    expect(refused?.headers).toMatchObject({ "x-ratelimit-limit": expect.stringMatching(/^10, 10;w=3600/) as string });
    expect((await askTwins("b", { count: 12 })).byStatus).toEqual({ "200": 10, "429": 2 });
    const principal = "spiffe://cluster.local/ns/default/sa/a";
    expect(await asked()).toMatchObject({ [`limit-10 rule=callers principal=${principal}`]: 30 });
  });

  it("only counts in SHADOW", async () => {
    await mesh().replacePolicy(limitOf("server", "global", { mode: "SHADOW", ...global("limit-3") }));
    expect((await ask("a", { count: 6 })).byStatus).toEqual({ "200": 6 });
    expect(Object.entries(await asked()).find(([key]) => key.startsWith("limit-3 "))?.[1]).toBe(6);
  });

  it.each([
    ["nobody listens", global("limit-5", {}, 9999)],
    ["it never answers", global("silent", { timeout: "50ms" })],
    [
      "there is no such service",
      { ...global(""), global: { service: "nowhere.infra.svc.cluster.local:1", domain: "d" } },
    ],
  ])("lets requests in, or refuses them, as it is told, where %s", async (_why, spec) => {
    await mesh().replacePolicy(limitOf("server", "dead", spec));
    expect((await ask("a", { count: 5 })).byStatus).toEqual({ "200": 5 });
    const closed = { ...spec, global: { ...("global" in spec ? (spec.global as object) : {}), failureMode: "DENY" } };
    await mesh().replacePolicy(limitOf("server", "dead", closed));
    expect((await ask("a", { count: 5 })).byStatus).toEqual({ "503": 5 });
    await mesh().replacePolicy(limitOf("server", "dead", { ...closed, mode: "SHADOW" }));
    expect((await ask("a", { count: 5 })).byStatus).toEqual({ "200": 5 });
  });
});
