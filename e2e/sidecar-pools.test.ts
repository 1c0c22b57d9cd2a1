import { echoPod, echoService, meshForSuite, waitFor, type RequestOptions, type Summary } from "./harness/index.ts";

const ports = { http: 8080, h2: 8082, dead: 8089 };

/** `dead` is a port on which nothing ever answers: the loopback loses what is sent there. */
const mesh = meshForSuite({
  yaml: [
    echoPod({ name: "client" }),
    echoPod({ name: "server", env: { PORT: `${ports.http}`, H2_PORT: `${ports.h2}` } }),
    echoService({
      name: "server",
      ports: { http: [80, ports.http], http2: [81, ports.h2], "http-any": [82, 8083], "http-dead": [89, ports.dead] },
    }),
  ].join(""),
});

const sidecar = (spec: string): string => `---
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: { name: server, namespace: default }
spec:
  workloadSelector: { labels: { app: server } }
  ${spec}
`;
const listener = (port: number, protocol: string, to: number, more: string): string =>
  `{ port: { number: ${port}, protocol: ${protocol} }, defaultEndpoint: "127.0.0.1:${to}"${more} }`;
const listeners = (more: string): string =>
  `[${[
    listener(ports.http, "HTTP", ports.http, more),
    listener(ports.h2, "HTTP2", ports.h2, more),
    listener(8083, "HTTP", ports.h2, more),
    listener(ports.dead, "HTTP", ports.dead, more),
  ].join(", ")}]`;

async function stat(port: number, name: string): Promise<number> {
  const stats = await mesh().envoyStats("server", `^cluster\\.inbound.${port}.*${name}$`);
  return Object.values(stats)[0] ?? 0;
}

const send = (path: string, options: RequestOptions = {}): Promise<Summary> =>
  mesh().request("client", `http://server${path}`, options);

const lose = (port: number): readonly string[] => [
  "INPUT",
  "-i",
  "lo",
  "-p",
  "tcp",
  "--dport",
  `${port}`,
  "-j",
  "DROP",
];

beforeAll(() => mesh().exec("server", ["iptables", "-I", ...lose(ports.dead)]));

describe.each([
  ["all ports", (pool: string) => `ingress: ${listeners("")}\n  inboundConnectionPool: ${pool}`],
  ["one listener", (pool: string) => `ingress: ${listeners(`, connectionPool: ${pool}`)}`],
])("pools of %s", (_, limited) => {
  const apply = (pool: string): Promise<void> => mesh().replacePolicy(sidecar(limited(pool)));

  it("maxRequestsPerConnection: a connection to the app carries so many", async () => {
    await apply("{ http: { maxRequestsPerConnection: 2 } }");
    const before = await stat(ports.http, "upstream_cx_max_requests");
    expect((await send("/", { count: 10 })).ok).toBe(10);
    expect((await stat(ports.http, "upstream_cx_max_requests")) - before).toBe(5);
  });

  it.each([
    ["http.idleTimeout", "{ http: { idleTimeout: 0.2s } }", "upstream_cx_idle_timeout"],
    ["tcp.idleTimeout", "{ tcp: { idleTimeout: 0.2s } }", "upstream_cx_idle_timeout"],
    ["maxConnectionDuration", "{ tcp: { maxConnectionDuration: 0.2s } }", "upstream_cx_max_duration_reached"],
  ])("%s ends connections to the app", async (_field, pool, name) => {
    await apply(pool);
    const before = await stat(ports.http, name);
    expect((await send("/")).ok).toBe(1);
    await waitFor("the end", async () => (await stat(ports.http, name)) > before);
  });

  it("http2MaxRequests: more at once are refused", async () => {
    await apply("{ http: { http2MaxRequests: 2 } }");
    const { byStatus } = await send(":81/", { count: 12, concurrency: 12, headers: { "x-delay": "500" } });
    expect(byStatus["200"]).toBeGreaterThanOrEqual(2);
    expect(byStatus["503"]).toBeGreaterThanOrEqual(6);
  });

  it("maxConnections, http1MaxPendingRequests: one goes, one waits", async () => {
    await apply("{ tcp: { maxConnections: 1 }, http: { http1MaxPendingRequests: 1 } }");
    const { byStatus } = await send("/", { count: 12, concurrency: 12, headers: { "x-delay": "500" } });
    expect(byStatus["503"]).toBeGreaterThanOrEqual(6);
    expect(await stat(ports.http, "upstream_rq_pending_overflow")).toBeGreaterThanOrEqual(6);
  });

  it("maxConcurrentStreams: a connection has so many requests at once; maxRetries: so many may be tried again", async () => {
    await apply("{ http: { maxConcurrentStreams: 1, maxRetries: 7 } }");
    const before = await stat(ports.h2, "upstream_cx_total");
    const { ok } = await send(":81/", { count: 6, concurrency: 6, headers: { "x-delay": "500" } });
    expect(ok).toBe(6);
    expect((await stat(ports.h2, "upstream_cx_total")) - before).toBeGreaterThanOrEqual(4);
    expect(await stat(ports.h2, "circuit_breakers.default.remaining_retries")).toBe(7);
  });

  it("useClientProtocol: the app hears the version that the caller speaks", async () => {
    const url = `http://${mesh().addressOf("server")}:8083/`;
    const asProxy = ["setpriv", "--reuid=1337", "--regid=1337", "--clear-groups"]; // not intercepted
    const curl = [...asProxy, "curl", "-sS", "-m", "10", "--http2-prior-knowledge", url];
    await apply("{ http: { useClientProtocol: false } }");
    expect(await mesh().exec("client", curl)).not.toContain('"httpVersion"');
    await apply("{ http: { useClientProtocol: true } }");
    expect(JSON.parse(await mesh().exec("client", curl))).toMatchObject({ httpVersion: "2.0" });
  });

  it("connectTimeout: nobody waits longer for an app that does not answer", async () => {
    await apply("{ tcp: { connectTimeout: 0.25s } }");
    const before = await stat(ports.dead, "upstream_cx_connect_timeout");
    const { byStatus } = await send(":89/");
    expect(byStatus).toEqual({ "503": 1 });
    expect(await stat(ports.dead, "upstream_cx_connect_timeout")).toBeGreaterThan(before);
  });

  it("tcpKeepalive: an idle connection is probed, and given up when nobody answers", async () => {
    await apply("{ tcp: { tcpKeepalive: { time: 2s, interval: 1s, probes: 2 } } }");
    expect((await send("/")).ok).toBe(1);
    const toApp = ["ss", "-Htno", "state", "established", "dport", "=", `:${ports.http}`, "dst", "127.0.0.1"];
    await waitFor("the timer", async () => (await mesh().exec("server", toApp)).includes("timer:(keepalive"));
    await mesh().exec("server", ["iptables", "-I", ...lose(ports.http)]);
    try {
      await waitFor("the end", async () => (await stat(ports.http, "upstream_cx_active")) === 0);
    } finally {
      await mesh().exec("server", ["iptables", "-D", ...lose(ports.http)]);
    }
  });
});
