import { documents, echoService } from "./echo-services.ts";
import { echoPod, meshForSuite, policy, waitFor, type Summary } from "./harness/index.ts";

/** A connection for each request: one that is open when a limit comes keeps to what it began with until it has drained. */
const fresh = policy("DestinationRule", "server", {
  host: "server",
  trafficPolicy: { connectionPool: { http: { maxRequestsPerConnection: 1 } } },
});

/** A RateLimit for an app. Limits are by the hour where it is counted what is let in: nothing comes back meanwhile. */
const limitOf = (app: string, name: string, spec: object): string =>
  policy("RateLimit", name, { selector: { matchLabels: { app } }, ...spec });

const hourly = (requests: number): object => ({ requests, interval: "1h" });

const mesh = meshForSuite({
  yaml: documents(...["a", "b"].map((name) => echoPod({ name })), echoService("server"), echoService("steady"), fresh),
});

beforeAll(() => waitFor("the server", async () => (await ask("a")).ok === 1));

const ask = (from: string, options: object = {}, path = ""): Promise<Summary> =>
  mesh().request(from, `http://server:8080/${path}`, options);

/** From outside the mesh, without a certificate. */
const askPlainly = (options: object = {}): Promise<Summary> =>
  mesh().requestFromOutside(`http://${mesh().addressOf("server-v1")}:8080/`, { keepAlive: false, ...options });

/** The sum of the counters with such a name. */
async function counted(name: string, pod = "server-v1"): Promise<number> {
  const stats = await mesh().envoyStats(pod, name);
  return Object.values(stats).reduce((sum, value) => sum + value, 0);
}

describe("a limit of the server's sidecar", () => {
  it("lets in as many as it says and refuses the rest, and says so in its replies", async () => {
    await mesh().replacePolicy(limitOf("server", "all", { rules: [{ limit: { ...hourly(20), burst: 30 } }] }));
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
    await mesh().replacePolicy(
      limitOf("server", "all", { rules: [{ limit: { requests: speed, interval: "1s", burst } }] }),
    );
    const started = performance.now();
    const { byStatus } = await ask("a", { count: 600, ratePerSecond: 200 });
    const most = burst + (speed * (performance.now() - started)) / 1000;
    expect(byStatus["200"]).toBeLessThanOrEqual(Math.ceil(most)); // never above
    expect(byStatus["200"]).toBeGreaterThan(100); // 3 s of 50 and the burst are 170: 40 % for a slow machine
    expect(byStatus["429"]).toBeGreaterThan(100);
  });

  it("answers gRPC in its own words", async () => {
    await mesh().replacePolicy(limitOf("server", "all", { rules: [{ limit: hourly(1) }] }));
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
    await mesh().replacePolicy(limitOf("server", "rules", { rules }));
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
    const selector = { matchLabels: { app: "server" } };
    const ofMesh = policy("RateLimit", "mesh", { selector, rules: [{ limit: hourly(10) }] }, "istio-system");
    const own = limitOf("server", "own", { rules: [{ match: { uri: { prefix: "/few" } }, limit: hourly(3) }] });
    await mesh().replacePolicy(ofMesh + own);
    expect((await ask("a", { count: 6 }, "few")).byStatus).toEqual({ "200": 3, "429": 3 });
    expect((await ask("a", { count: 10 })).byStatus).toEqual({ "200": 7, "429": 3 }); // what was refused was taken from no other
  });

  it("only counts in SHADOW", async () => {
    await mesh().replacePolicy(limitOf("server", "trial", { mode: "SHADOW", rules: [{ limit: hourly(4) }] }));
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
    await mesh().replacePolicy(limitOf("server", "callers", { rules: [{ per: "PRINCIPAL", limit: hourly(5) }] }));
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
    await mesh().replacePolicy(limitOf("server", "addresses", { rules: [{ per: "SOURCE_IP", limit: hourly(5) }] }));
    const headers = { "x-forwarded-for": "10.9.8.{n}" };
    expect((await ask("a", { count: 8, headers })).byStatus).toEqual({ "200": 5, "429": 3 });
    expect((await ask("b", { count: 5, headers })).byStatus).toEqual({ "200": 5 });
  });

  it("is a header's value, for those who trust it, and all that have none together", async () => {
    await mesh().replacePolicy(limitOf("server", "keys", { rules: [{ perHeader: "X-Api-Key", limit: hourly(2) }] }));
    expect((await ask("a", { count: 3, headers: { "x-api-key": "one" } })).byStatus).toEqual({ "200": 2, "429": 1 });
    expect((await ask("b", { count: 3, headers: { "x-api-key": "two" } })).byStatus).toEqual({ "200": 2, "429": 1 });
    expect((await ask("a", { count: 3 })).byStatus).toEqual({ "200": 2, "429": 1 });
  });
});

it("comes, changes and goes without a request that fails, also on connections that are open", async () => {
  const load = mesh().startLoad("a", "http://steady:8080/", { concurrency: 4 });
  const generous = (requests: number): string =>
    limitOf("steady", "generous", { rules: [{ limit: { requests, interval: "1s" } }] });
  await answered(100);
  await mesh().replacePolicy(generous(1_000_000));
  await answered(200);
  await mesh().replacePolicy(generous(2_000_000));
  await answered(200);
  await mesh().replacePolicy();
  await answered(100);
  const { failed, byStatus, sent, errors } = await load.stop();
  expect({ failed, errors }).toEqual({ failed: 0, errors: {} });
  expect(byStatus["200"]).toBe(sent);
});

it("comes to busy connections that were open before it", async () => {
  await mesh().replacePolicy();
  const load = mesh().startLoad("a", "http://steady:8080/", { concurrency: 4 });
  await answered(100);
  await mesh().replacePolicy(limitOf("steady", "few", { rules: [{ limit: hourly(1) }] }));
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
