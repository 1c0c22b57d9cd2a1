import { documents, echoService } from "./echo-services.ts";
import {
  echoPod,
  echoService as serviceOf,
  expectNoRejections,
  gatewayPod,
  startMesh,
  waitFor,
  type Summary,
  type TestMesh,
} from "./harness/index.ts";

const yamlOf = (object: object): string => `---\n${JSON.stringify(object)}\n`;

/** A pod that counts for others: e2e/apps/rate-limit-service.ts. */
const limiter = yamlOf({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "limiter", namespace: "infra", labels: { app: "limiter", "sidecar.istio.io/inject": "true" } },
  spec: {
    serviceAccountName: "limiter",
    containers: [{ name: "app", command: ["node", "e2e/apps/rate-limit-service.ts"] }],
  },
});

const limiterPorts = { grpc: [8081], http: [8080], "grpc-dead": [9999] } as const;

/** A connection for each request: one that is open when a limit comes keeps to what it began with until it has drained. */
const fresh = (host: string): string =>
  yamlOf({
    apiVersion: "networking.istio.io/v1",
    kind: "DestinationRule",
    metadata: { name: host, namespace: "default" },
    spec: { host, trafficPolicy: { connectionPool: { http: { maxRequestsPerConnection: 1 } } } },
  });

/** A RateLimit for an app. Limits are by the hour where it is counted what is let in: nothing comes back meanwhile. */
const policy = (app: string, name: string, spec: object): string =>
  yamlOf({
    apiVersion: "heddle.io/v1alpha1",
    kind: "RateLimit",
    metadata: { name, namespace: "default" },
    spec: { selector: { matchLabels: { app } }, ...spec },
  });

const hourly = (requests: number): object => ({ requests, interval: "1h" });

let mesh: TestMesh;

beforeAll(async () => {
  mesh = await startMesh({
    yaml: documents(
      ...["a", "b"].map((name) => echoPod({ name })),
      echoService("server"),
      echoService("steady"),
      echoService("twin", ["v1", "v2"]),
      limiter,
      serviceOf({ name: "limiter", namespace: "infra", ports: limiterPorts }),
      ...["server", "twin"].map(fresh),
      gatewayPod({ name: "edge", namespace: "edge" }),
    ),
  });
  for (const app of ["server", "twin", "limiter.infra"])
    await waitFor(`${app} to answer`, async () => (await mesh.request("a", `http://${app}:8080/`)).ok === 1);
});

afterAll(async () => {
  try {
    await expectNoRejections(mesh);
  } finally {
    await mesh.close();
  }
});

const ask = (from: string, options: object = {}, path = ""): Promise<Summary> =>
  mesh.request(from, `http://server:8080/${path}`, options);
const askTwins = (from: string, options: object = {}): Promise<Summary> =>
  mesh.request(from, "http://twin:8080/", options);

/** From outside the mesh, without a certificate. */
const askPlainly = (options: object = {}): Promise<Summary> =>
  mesh.requestFromOutside(`http://${mesh.addressOf("server-v1")}:8080/`, { keepAlive: false, ...options });

/** The sum of the counters with such a name. */
async function counted(name: string, pod = "server-v1"): Promise<number> {
  const stats = await mesh.envoyStats(pod, name);
  return Object.values(stats).reduce((sum, value) => sum + value, 0);
}

/** What the service was asked for, and how often. */
async function asked(): Promise<Readonly<Record<string, number>>> {
  const { answers } = await mesh.request("a", "http://limiter.infra:8080/");
  return (answers[0]?.body ?? {}) as unknown as Readonly<Record<string, number>>;
}

describe("a limit of the server's sidecar", () => {
  it("lets in as many as it says and refuses the rest, and says so in its replies", async () => {
    await mesh.replacePolicy(policy("server", "all", { rules: [{ limit: { ...hourly(20), burst: 30 } }] }));
    const { byStatus, answers } = await ask("a", { count: 100, keep: 100 });
    expect(byStatus).toEqual({ "200": 30, "429": 70 });
    expect(answers[0]?.headers).toMatchObject({ "x-ratelimit-limit": "30", "x-ratelimit-remaining": "29" });
    const refused = answers.find(({ status }) => status === 429);
    expect(refused?.headers).toMatchObject({ "x-ratelimit-limit": "30", "x-ratelimit-remaining": "0" });
    expect(Number(refused?.headers["x-ratelimit-reset"])).toBeGreaterThan(0);
    expect(refused?.text).toBe("local_rate_limited");
  });

  it("lets in no more than its speed and its burst, and not much less", async () => {
    const [speed, burst] = [50, 20];
    await mesh.replacePolicy(
      policy("server", "all", { rules: [{ limit: { requests: speed, interval: "1s", burst } }] }),
    );
    const started = performance.now();
    const { byStatus } = await ask("a", { count: 600, ratePerSecond: 200 });
    const most = burst + (speed * (performance.now() - started)) / 1000;
    expect(byStatus["200"]).toBeLessThanOrEqual(Math.ceil(most)); // never above
    expect(byStatus["200"]).toBeGreaterThan(100); // 3 s of 50 and the burst are 170: 40 % for a slow machine
    expect(byStatus["429"]).toBeGreaterThan(100);
  });

  it("answers gRPC in its own words", async () => {
    await mesh.replacePolicy(policy("server", "all", { rules: [{ limit: hourly(1) }] }));
    const { answers } = await ask("a", { count: 2, headers: { "content-type": "application/grpc" } });
    expect(answers[1]).toMatchObject({ status: 200, headers: { "grpc-status": "8" } }); // RESOURCE_EXHAUSTED
  });

  it("is for what it matches and nothing else", async () => {
    const limit = hourly(1);
    const rules = [
      { match: { uri: { exact: "/a.b" } }, limit },
      { match: { uri: { prefix: "/api/" }, method: { exact: "POST" } }, limit },
      { match: { uri: { regex: "/items/[0-9]+" }, method: { regex: "GET|PUT" } }, limit },
      { match: { uri: { prefix: "/plan" }, headers: { "x-plan": { exact: "free" }, "x-trial": {} } }, limit },
      { match: { uri: { prefix: "/host" }, authority: { prefix: "server" }, port: 8080 }, limit },
      { match: { uri: { prefix: "/full" }, authority: { exact: "server:8080" }, method: { prefix: "G" } }, limit },
      { match: { uri: { prefix: "/other" }, authority: { regex: "another.*" } }, limit },
      { match: { port: 8081 }, limit },
    ];
    await mesh.replacePolicy(policy("server", "rules", { rules }));
    const last = async (path: string, options: object = {}): Promise<number | undefined> => {
      const { answers } = await ask("a", { count: 2, ...options }, path);
      return answers[1]?.status;
    };
    const trial = { "x-plan": "free", "x-trial": "" };
    expect(await last("a.b?x=1")).toBe(429);
    expect(await last("axb")).toBe(200);
    expect(await last("a.b.c")).toBe(200);
    expect(await last("api/x", { method: "POST" })).toBe(429);
    expect(await last("api/x")).toBe(200);
    expect(await last("items/12?x=y")).toBe(429);
    expect(await last("items/x")).toBe(200);
    expect(await last("plan", { headers: trial })).toBe(429);
    expect(await last("plan", { headers: { "x-plan": "free" } })).toBe(200);
    expect(await last("host")).toBe(429);
    expect(await last("full")).toBe(429);
    expect(await last("other")).toBe(200);
    expect(await last("")).toBe(200);
  });

  it("asks all rules of all policies, the mesh's too", async () => {
    const ofMesh = policy("server", "mesh", { rules: [{ limit: hourly(10) }] }).replace(
      '"namespace":"default"',
      '"namespace":"istio-system"',
    );
    const own = policy("server", "own", { rules: [{ match: { uri: { prefix: "/few" } }, limit: hourly(3) }] });
    await mesh.replacePolicy(ofMesh + own);
    expect((await ask("a", { count: 6 }, "few")).byStatus).toEqual({ "200": 3, "429": 3 });
    expect((await ask("a", { count: 10 })).byStatus).toEqual({ "200": 7, "429": 3 }); // what was refused was taken from no other
  });

  it("only counts in SHADOW", async () => {
    await mesh.replacePolicy(policy("server", "trial", { mode: "SHADOW", rules: [{ limit: hourly(4) }] }));
    const { byStatus, answers } = await ask("a", { count: 10 });
    expect(byStatus).toEqual({ "200": 10 });
    expect(Object.keys(answers[9]?.headers ?? {}).filter((name) => name.startsWith("x-ratelimit"))).toEqual([]);
    const name = "^heddle\\.rate_limit\\.default\\.trial\\.http_local_rate_limit\\.";
    expect(await counted(`${name}rate_limited$`)).toBe(6);
    expect(await counted(`${name}enforced$`)).toBe(0);
  });
});

describe("who is counted", () => {
  it("is the caller by its certificate, each by itself, and no header makes another of it", async () => {
    await mesh.replacePolicy(policy("server", "callers", { rules: [{ per: "PRINCIPAL", limit: hourly(5) }] }));
    expect((await ask("a", { count: 8 })).byStatus).toEqual({ "200": 5, "429": 3 });
    expect((await ask("b", { count: 8 })).byStatus).toEqual({ "200": 5, "429": 3 });
    const forged = {
      "x-forwarded-client-cert": "By=spiffe://cluster.local/x;URI=spiffe://cluster.local/ns/default/sa/c{n}",
      "x-forwarded-for": "10.9.8.{n}",
    };
    expect((await ask("a", { count: 5, headers: forged })).byStatus).toEqual({ "429": 5 });
    // Those without a certificate have one account together.
    expect((await askPlainly({ count: 8, headers: forged })).byStatus).toEqual({ "200": 5, "429": 3 });
  });

  it("is the address of the connection, whatever x-forwarded-for says", async () => {
    await mesh.replacePolicy(policy("server", "addresses", { rules: [{ per: "SOURCE_IP", limit: hourly(5) }] }));
    const headers = { "x-forwarded-for": "10.9.8.{n}" };
    expect((await ask("a", { count: 8, headers })).byStatus).toEqual({ "200": 5, "429": 3 });
    expect((await ask("b", { count: 5, headers })).byStatus).toEqual({ "200": 5 });
  });

  it("is a header's value, for those who trust it, and all that have none together", async () => {
    await mesh.replacePolicy(policy("server", "keys", { rules: [{ perHeader: "X-Api-Key", limit: hourly(2) }] }));
    expect((await ask("a", { count: 3, headers: { "x-api-key": "one" } })).byStatus).toEqual({ "200": 2, "429": 1 });
    expect((await ask("b", { count: 3, headers: { "x-api-key": "two" } })).byStatus).toEqual({ "200": 2, "429": 1 });
    expect((await ask("a", { count: 3 })).byStatus).toEqual({ "200": 2, "429": 1 });
  });
});

it("is for a rule of a VirtualService by its name at a gateway, by the address of each client", async () => {
  const gateway = {
    apiVersion: "networking.istio.io/v1",
    kind: "Gateway",
    metadata: { name: "front", namespace: "edge" },
    spec: {
      selector: { istio: "ingressgateway" },
      servers: [{ port: { number: 8080, name: "http", protocol: "HTTP" }, hosts: ["*"] }],
    },
  };
  const virtualService = {
    apiVersion: "networking.istio.io/v1",
    kind: "VirtualService",
    metadata: { name: "front", namespace: "edge" },
    spec: {
      hosts: ["*"],
      gateways: ["front"],
      http: [
        { name: "login", match: [{ uri: { prefix: "/login" } }], directResponse: { status: 200 } },
        { directResponse: { status: 202 } },
      ],
    },
  };
  const rules = [{ match: { route: "login" }, per: "SOURCE_IP", limit: hourly(3) }];
  const limited = {
    apiVersion: "heddle.io/v1alpha1",
    kind: "RateLimit",
    metadata: { name: "front", namespace: "edge" },
    spec: { selector: { matchLabels: { istio: "ingressgateway" } }, rules },
  };
  await mesh.replacePolicy([gateway, virtualService, limited].map(yamlOf).join(""));
  const url = `http://${mesh.addressOf("edge.edge")}:8080`;
  const options = { count: 5, headers: { "x-forwarded-for": "10.9.8.{n}" } };
  await waitFor("the gateway", async () => (await mesh.requestFromOutside(`${url}/other`)).byStatus["202"] === 1);
  expect((await mesh.requestFromOutside(`${url}/login`, options)).byStatus).toEqual({ "200": 3, "429": 2 });
  expect((await mesh.request("a", `${url}/login`, options)).byStatus).toEqual({ "200": 3, "429": 2 });
  expect((await mesh.requestFromOutside(`${url}/other`, options)).byStatus).toEqual({ "202": 5 });
});

describe("a limit that a service keeps for all", () => {
  const host = "limiter.infra.svc.cluster.local";
  const global = (domain: string, more: object = {}, port = 8081): object => ({
    global: { service: `${host}:${port}`, domain, timeout: "2s", ...more },
    rules: [{ name: "callers", per: "PRINCIPAL" }],
  });
  const strict = yamlOf({
    apiVersion: "security.istio.io/v1",
    kind: "PeerAuthentication",
    metadata: { name: "default", namespace: "infra" },
    spec: { mtls: { mode: "STRICT" } },
  });

  it("is one limit of all replicas, asked for over mutual TLS, by the caller's name", async () => {
    await mesh.replacePolicy(strict + policy("twin", "global", global("limit-10")));
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
    await mesh.replacePolicy(policy("server", "global", { mode: "SHADOW", ...global("limit-3") }));
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
    await mesh.replacePolicy(policy("server", "dead", spec));
    expect((await ask("a", { count: 5 })).byStatus).toEqual({ "200": 5 });
    const closed = { ...spec, global: { ...("global" in spec ? (spec.global as object) : {}), failureMode: "DENY" } };
    await mesh.replacePolicy(policy("server", "dead", closed));
    expect((await ask("a", { count: 5 })).byStatus).toEqual({ "503": 5 });
    await mesh.replacePolicy(policy("server", "dead", { ...closed, mode: "SHADOW" }));
    expect((await ask("a", { count: 5 })).byStatus).toEqual({ "200": 5 });
  });
});

it("comes, changes and goes without a request that fails, also on connections that are open", async () => {
  const load = mesh.startLoad("a", "http://steady:8080/", { concurrency: 4 });
  const generous = (requests: number): string =>
    policy("steady", "generous", { rules: [{ limit: { requests, interval: "1s" } }] });
  await answered(100);
  await mesh.replacePolicy(generous(1_000_000));
  await answered(200);
  await mesh.replacePolicy(generous(2_000_000));
  await answered(200);
  await mesh.replacePolicy();
  await answered(100);
  const { failed, byStatus, sent, errors } = await load.stop();
  expect({ failed, errors }).toEqual({ failed: 0, errors: {} });
  expect(byStatus["200"]).toBe(sent);
});

it("comes to busy connections that were open before it", async () => {
  await mesh.replacePolicy();
  const load = mesh.startLoad("a", "http://steady:8080/", { concurrency: 4 });
  await answered(100);
  await mesh.replacePolicy(policy("steady", "few", { rules: [{ limit: hourly(1) }] }));
  await waitFor("refusals", async () => (await refusals()) > 100);
  const { byStatus } = await load.stop();
  expect(byStatus["429"]).toBeGreaterThan(100);
});

function refusals(): Promise<number> {
  return counted("^heddle\\.rate_limit\\.http_local_rate_limit\\.enforced$", "steady-v1");
}

/** Waits until the server has answered so many more requests. */
async function answered(more: number): Promise<void> {
  const completed = (): Promise<number> => counted("^cluster\\.outbound.8080..steady.*\\.upstream_rq_completed$", "a");
  const start = await completed();
  await waitFor(`${more} answers`, async () => (await completed()) >= start + more);
}
