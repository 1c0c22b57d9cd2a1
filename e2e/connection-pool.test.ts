import {
  converse,
  echoPod,
  meshForSuite,
  policy,
  requestHttp2,
  waitFor,
  type RequestOptions,
  type Summary,
} from "./harness/index.ts";

const outside = { address: "10.244.0.1", http: 9501, http2: 9502, either: 9503, tcp: 9504 };
let addresses = 0;

/** One server outside of the mesh under many names, so that nothing stands between it and the caller's proxy. */
const host = (name: string, port = outside.http, protocol = "HTTP"): string =>
  policy("ServiceEntry", name, {
    hosts: [`${name}.example`],
    addresses: [`192.0.2.${++addresses}`],
    location: "MESH_EXTERNAL",
    resolution: "STATIC",
    ports: [{ number: 80, name: "port", protocol }],
    endpoints: [{ address: outside.address, ports: { port } }],
  });
const pool = (name: string, connectionPool: object, port?: number, protocol?: string): string =>
  host(name, port, protocol) +
  policy("DestinationRule", name, { host: `${name}.example`, trafficPolicy: { connectionPool } });

const mesh = meshForSuite({
  yaml: [
    echoPod({ name: "client" }),
    host("plain"),
    pool("few-requests", { http: { maxRequestsPerConnection: 2 } }),
    pool("soon-idle", { http: { idleTimeout: "200ms" } }),
    pool("upgraded", { http: { h2UpgradePolicy: "UPGRADE" } }, outside.http2),
    host("streams", outside.http2, "HTTP2"),
    pool("one-stream", { http: { maxConcurrentStreams: 1 } }, outside.http2, "HTTP2"),
    pool("as-it-comes", { http: { useClientProtocol: true } }, outside.either),
    host("as-declared", outside.either),
    pool("idle-tcp", { tcp: { idleTimeout: "200ms" } }, outside.tcp, "TCP"),
    pool("short-tcp", { tcp: { maxConnectionDuration: "200ms" } }, outside.tcp, "TCP"),
    pool("one-tcp", { tcp: { maxConnections: 1 } }, outside.tcp, "TCP"),
    pool("unreachable", { tcp: { connectTimeout: "100ms" } }, 9599),
    pool("watched", { tcp: { tcpKeepalive: { time: "1s", interval: "1s", probes: 2 } } }),
  ].join(""),
});
beforeAll(() =>
  mesh().startOutside(outside.http, {
    H2_PORT: `${outside.http2}`,
    EITHER_PORT: `${outside.either}`,
    TCP_PORT: `${outside.tcp}`,
  }),
);

const send = (name: string, options: RequestOptions = {}): Promise<Summary> =>
  mesh().request("client", `http://${name}.example/`, { keep: 100, ...options });
/** How many connections requests came over. */
async function connections(name: string, options: RequestOptions): Promise<number> {
  const { answers, ok } = await send(name, options);
  expect(ok).toBe(options.count);
  return new Set(answers.map(({ body }) => body?.peerPort)).size;
}
/** A statistic of the proxy about the cluster of a host. */
async function stat(name: string, counter: string): Promise<number | undefined> {
  const stats = await mesh().envoyStats("client", `^cluster\\.outbound\\|80\\|\\|${name}\\.example.*\\.${counter}$`);
  return Object.values(stats)[0];
}

describe("HTTP", () => {
  it("maxRequestsPerConnection: a new connection after so many", async () => {
    expect(await connections("plain", { count: 10 })).toBe(1);
    expect(await connections("few-requests", { count: 10 })).toBe(5);
  });

  it("idleTimeout: a connection nobody uses is closed", async () => {
    await connections("plain", { count: 1 });
    await connections("soon-idle", { count: 1 });
    await waitFor(
      "the idle connection to be closed",
      async () => (await stat("soon-idle", "upstream_cx_idle_timeout")) === 1,
    );
    expect(await stat("plain", "upstream_cx_active")).toBe(1);
  });

  it("h2UpgradePolicy: HTTP/2 to a port that is declared as HTTP", async () => {
    const { answers } = await send("upgraded");
    expect(answers[0]).toMatchObject({ status: 200, body: { httpVersion: "2.0" } });
  });

  it("maxConcurrentStreams: what is more goes over other connections", async () => {
    const burst = { count: 5, concurrency: 5, headers: { "x-delay": "300" } };
    expect(await connections("streams", burst)).toBe(1);
    expect(await connections("one-stream", burst)).toBe(5);
  });

  it("useClientProtocol: the server is spoken to as the proxy was", async () => {
    const versions = async (name: string): Promise<unknown[]> => {
      const { body } = await requestHttp2(mesh(), "client", { h2: `http://${name}.example/` });
      return [
        (await send(name)).answers[0]?.body?.httpVersion,
        (JSON.parse(body) as { httpVersion: string }).httpVersion,
      ];
    };
    expect(await versions("as-it-comes")).toEqual(["1.1", "2.0"]);
    expect(await versions("as-declared")).toEqual(["1.1", "1.1"]);
  });
});

describe("TCP", () => {
  it.each(["idle-tcp", "short-tcp"])("%s: the proxy ends the connection when its time is over", async (name) => {
    expect(await converse(mesh(), "client", { host: `${name}.example`, port: 80 })).toEqual({
      received: "outside outside\n",
    });
  });

  it("idleTimeout is what ended the one, maxConnectionDuration the other", async () => {
    const [idle, lasting] = ["idle_timeout", "max_downstream_connection_duration"];
    const counted = async (name: string): Promise<unknown> =>
      Promise.all(
        [idle, lasting].map(async (counter) =>
          Object.values(await mesh().envoyStats("client", `^tcp\\..*${name}\\.example.*\\.${counter}$`)),
        ),
      );
    expect(await counted("idle-tcp")).toEqual([[1], [0]]);
    expect(await counted("short-tcp")).toEqual([[0], [1]]);
  });

  it("maxConnections: what is more is closed at once, and the server never hears of it", async () => {
    const held = { host: "one-tcp.example", port: 80, until: "never said", timeoutMs: 3000 };
    const heard = await Promise.all(Array.from({ length: 5 }, () => converse(mesh(), "client", held)));
    const refused = heard.filter(({ received }) => received === "").length;
    expect(heard.filter(({ received }) => received === "outside outside\n")).toHaveLength(5 - refused);
    expect(refused).toBeGreaterThanOrEqual(1);
    expect(await stat("one-tcp", "upstream_cx_overflow")).toBe(refused);
  });

  it("connectTimeout: who does not answer a connection is given up", async () => {
    const drop = ["OUTPUT", "-d", outside.address, "-p", "tcp", "--dport", "9599", "-j", "DROP"];
    await mesh().exec("client", ["iptables", "-I", ...drop]);
    const { byStatus, answers } = await send("unreachable", { timeoutMs: 9000 });
    await mesh().exec("client", ["iptables", "-D", ...drop]);
    expect(byStatus).toEqual({ 503: 1 });
    expect(answers[0]?.text).toContain("connection timeout");
  });

  it("tcpKeepalive: a silent server is asked every interval, and given up after so many probes", async () => {
    const { answers } = await send("watched");
    const port = `${answers[0]?.body?.peerPort}`;
    const timer = async (): Promise<string> => mesh().exec("client", ["ss", "-Htno", "sport", "=", `:${port}`]);
    expect(await timer()).toContain("timer:(keepalive,");
    const drop = ["OUTPUT", "-p", "tcp", "--sport", port, "-j", "DROP"];
    await mesh().exec("client", ["iptables", "-I", ...drop]);
    await waitFor("the connection to be given up", async () => (await stat("watched", "upstream_cx_active")) === 0);
    const [dropped = ""] = (await mesh().exec("client", ["iptables", "-nvxL", "OUTPUT"]))
      .split("\n")
      .filter((line) => line.includes(`spt:${port}`));
    await mesh().exec("client", ["iptables", "-D", ...drop]);
    expect(Number(dropped.trim().split(/\s+/)[0])).toBe(3); // two probes, then the reset
  });
});
