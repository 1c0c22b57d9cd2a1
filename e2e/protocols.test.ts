import {
  converse,
  echoPod,
  echoService,
  meshForSuite,
  policy,
  requestHttp2,
  type RequestOptions,
} from "./harness/index.ts";

const balanced = (name: string, loadBalancer: string): string =>
  `${echoService({ name, app: "server" })}---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: ${name}, namespace: default }
spec: { host: ${name}, trafficPolicy: { loadBalancer: ${loadBalancer} } }
`;

const outside = { address: "10.244.0.1", ports: [9831, 9832, 9833], slow: 9833 };
let addresses = 100;
const external = (name: string, spec: object): string =>
  policy("ServiceEntry", name, {
    hosts: [`${name}.example`],
    location: "MESH_EXTERNAL",
    resolution: "STATIC",
    ports: [{ number: 80, name: "http", protocol: "HTTP" }],
    ...spec,
  });

/** A host with three servers, of which one is slow. */
const uneven = (simple: string): string => {
  const name = simple.toLowerCase().replace("_", "-");
  const endpoints = outside.ports.map((http) => ({ address: outside.address, ports: { http } }));
  return (
    external(name, { addresses: [`192.0.2.${++addresses}`], endpoints }) +
    policy("DestinationRule", name, { host: `${name}.example`, trafficPolicy: { loadBalancer: { simple } } })
  );
};

/** A host whose endpoint answers nobody: requests go where the app sends them. */
const passedOn =
  external("passed-on", {
    ports: [{ number: outside.ports[0], name: "http", protocol: "HTTP" }],
    endpoints: [{ address: outside.address, ports: { http: 9839 } }],
  }) +
  policy("DestinationRule", "passed-on", {
    host: "passed-on.example",
    trafficPolicy: { loadBalancer: { simple: "PASSTHROUGH" } },
  });

const mesh = meshForSuite({
  yaml: [
    echoPod({ name: "client" }),
    ...["a", "b", "c"].map((version) =>
      echoPod({ name: `server-${version}`, app: "server", version, env: { H2_PORT: 8082 } }),
    ),
    echoService({ name: "server", ports: { http: [80, 8080], http2: [82, 8082], grpc: [83, 8082] } }),
    balanced("in-turn", "{ simple: ROUND_ROBIN }"),
    balanced("by-header", "{ consistentHash: { httpHeaderName: x-user } }"),
    balanced(
      "by-cookie",
      "{ consistentHash: { httpCookie: { name: session, path: /, ttl: 1h, attributes: [{ name: SameSite, value: Strict }, { name: Partitioned }] } } }",
    ),
    balanced("by-maglev", "{ consistentHash: { httpHeaderName: x-user, maglev: { tableSize: 101 } } }"),
    balanced("by-ring", "{ consistentHash: { httpHeaderName: x-user, ringHash: { minimumRingSize: 4096 } } }"),
    balanced("by-caller", "{ consistentHash: { useSourceIp: true } }"),
    balanced("by-query", "{ consistentHash: { httpQueryParameterName: user } }"),
    ...["RANDOM", "LEAST_REQUEST", "ROUND_ROBIN"].map((simple) => uneven(simple)),
    passedOn,
  ].join(""),
});

beforeAll(async () => {
  for (const port of outside.ports) {
    const slow = { VERSION: "slow", DELAY: "300" };
    await mesh().startOutside(port, port === outside.slow ? slow : { VERSION: `fast-${port}` });
  }
});

describe("load balancers", () => {
  /** Of 240 requests, 12 at a time, how many each server gets. */
  const byServer = async (host: string): Promise<Readonly<Record<string, number>>> => {
    const { byVersion, ok } = await mesh().request("client", `http://${host}.example/`, {
      count: 240,
      concurrency: 12,
    });
    expect(ok).toBe(240);
    return byVersion;
  };

  it("RANDOM: each its third of 240, within 30: four standard deviations", async () => {
    const shares = Object.values(await byServer("random"));
    expect(shares).toHaveLength(3);
    for (const share of shares) expect(Math.abs(share - 80)).toBeLessThanOrEqual(30);
    const { answers } = await mesh().request("client", "http://random.example/", { count: 90, keep: 90 });
    const servers = answers.map(({ body }) => body?.version);
    expect(servers.filter((server, n) => server === servers[n - 1]).length).toBeGreaterThan(5); // 30 are likely; in turn: 0
  });

  it("LEAST_REQUEST: the slow one gets next to nothing, where each in turn would have its third", async () => {
    expect((await byServer("least-request"))["slow"]).toBeLessThan(40);
    expect((await byServer("round-robin"))["slow"]).toBe(80);
  });

  it("PASSTHROUGH: where the app sends it, whatever the endpoints are", async () => {
    const url = `http://${outside.address}:${outside.ports[0]}/`;
    const { byStatus } = await mesh().request("client", url, { headers: { host: "passed-on.example" } });
    expect(byStatus).toEqual({ 200: 1 });
    const stats = await mesh().envoyStats("client", "^cluster\\..*passed-on[.]example.*\\.upstream_rq_200$");
    expect(Object.values(stats)).toContain(1);
  });

  it("tables have the size that is asked for", async () => {
    const size = async (host: string, name: string): Promise<number | undefined> =>
      Object.values(await mesh().envoyStats("client", `^cluster\\.outbound\\|80\\|\\|${host}\\..*\\.${name}$`))[0];
    expect(await size("by-maglev", "maglev_lb.max_entries_per_host")).toBe(34); // 101 for three
    expect(await size("by-ring", "ring_hash_lb.size")).toBeGreaterThanOrEqual(4096);
    expect(await size("by-header", "ring_hash_lb.size")).toBeLessThan(4096);
  });

  const shares = async (host: string, options: RequestOptions = {}): Promise<number[]> => {
    const { byInstance } = await mesh().request("client", `http://${host}/`, { count: 60, ...options });
    return Object.values(byInstance);
  };

  it("ROUND_ROBIN: each in turn", async () => {
    expect(await shares("in-turn")).toEqual([20, 20, 20]);
  });

  it("by a header: who is the same stays, different ones spread", async () => {
    for (const user of ["ann", "bob"]) expect(await shares("by-header", { headers: { "x-user": user } })).toEqual([60]);
    expect(await shares("by-header", { headers: { "x-user": "user-{n}" } })).toHaveLength(3);
  });

  it.each(["by-maglev", "by-ring"])("%s: the same with another table, which Envoy takes", async (host) => {
    expect(await shares(host, { headers: { "x-user": "ann" } })).toEqual([60]);
    expect(await shares(host, { headers: { "x-user": "user-{n}" } })).toHaveLength(3);
  });

  it("by the caller's address: one caller stays with one", async () => {
    expect(await shares("by-caller", { headers: { "x-user": "user-{n}" } })).toEqual([60]);
  });

  it("by a query parameter", async () => {
    expect(await shares("by-query/?user=ann&x=")).toEqual([60]);
    expect(await shares("by-query/?user={n}&x=")).toHaveLength(3);
  });

  it("by a cookie, which is made where there is none", async () => {
    const { answers } = await mesh().request("client", "http://by-cookie/");
    const made = answers[0]?.headers["set-cookie"];
    expect(String(made)).toMatch(/; SameSite=Strict; Partitioned/);
    const cookie = /session="?[^;"]+"?/.exec(String(made))?.[0] ?? "";
    expect(cookie).not.toBe("");
    const again = await mesh().request("client", "http://by-cookie/", { count: 60, headers: { cookie } });
    expect(again.byInstance).toEqual({ [answers[0]?.body?.instance ?? ""]: 60 });
  });
});

describe("HTTP/2", () => {
  it("is what a port named http2 is spoken to, whatever the caller speaks", async () => {
    const { answers } = await mesh().request("client", "http://server:82/");
    expect(answers[0]).toMatchObject({ status: 200, body: { httpVersion: "2.0" } });
    const { answers: plain } = await mesh().request("client", "http://server/");
    expect(plain[0]).toMatchObject({ status: 200, body: { httpVersion: "1.1" } });
  });

  it("passes from end to end, with a body, for gRPC", async () => {
    const headers = { "content-type": "application/grpc", te: "trailers" };
    const answer = await requestHttp2(mesh(), "client", {
      h2: "http://server:83/pkg.Service/Call",
      headers,
      body: "hello",
    });
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.body)).toMatchObject({ httpVersion: "2.0", received: 5, path: "/pkg.Service/Call" });
  });

  it("a caller may speak it to a port that is HTTP/1.1", async () => {
    const answer = await requestHttp2(mesh(), "client", { h2: "http://server:80/x" });
    expect(JSON.parse(answer.body)).toMatchObject({ httpVersion: "1.1", path: "/x" });
  });
});

it("WebSocket: an upgraded connection carries bytes both ways", async () => {
  const upgrade = "GET /chat HTTP/1.1\r\nhost: server\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n";
  const { received } = await converse(mesh(), "client", {
    host: "server",
    port: 80,
    send: `${upgrade}ping`,
    until: "ping",
  });
  expect(received).toMatch(/^HTTP\/1.1 101 /);
  expect(received).toMatch(/server [abc]\nping$/);
});
