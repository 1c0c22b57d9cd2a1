import { rm } from "node:fs/promises";
import { converse, echoPod, echoService, meshForSuite, type Answer, type RequestOptions } from "./harness/index.ts";

/** `outside` is no part of the mesh; nothing of the mesh is on its address. */
const outside = { address: "10.244.0.1", port: 9501, tcp: 9502 };
const socket = `/tmp/heddle-egress-${process.pid}.sock`;

const mesh = meshForSuite({
  yaml: [
    echoPod({ name: "client" }),
    echoPod({ name: "server", env: { PORT: "8080,9081" } }),
    echoService({ name: "server", ports: { http: [80, 8080], "http-admin": [9081, 9081] } }),
    echoPod({ name: "other", env: { PORT: "8080" } }),
    echoService({ name: "other", ports: { http: [80, 8080], "http-admin": [9081, 8080] } }),
    echoPod({ name: "db", env: { TCP_PORT: "3306" } }),
    echoService({ name: "db", ports: { tcp: [3306, 3306] } }),
    echoPod({ name: "proxy" }),
    echoService({ name: "proxy", ports: { http: [3128, 8080] } }),
  ].join(""),
});

const sidecar = (spec: string): string => `---
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: { name: client, namespace: default }
spec:
  workloadSelector: { labels: { app: client } }
  ${spec}
`;

async function ask(url: string, options: RequestOptions = {}): Promise<Answer> {
  const { answers } = await mesh().request("client", url, options);
  return answers[0] ?? { status: 0, ms: 0, headers: {} };
}

/** Which service answers curl, and on which port; other text as it is. */
async function curl(...args: readonly string[]): Promise<string> {
  const text = await mesh().exec("client", ["curl", "-sS", "-m", "10", ...args]);
  if (!text.startsWith("{")) return text;
  const { service, port } = JSON.parse(text) as { service: string; port: number };
  return `${service}:${port}`;
}

async function listeners(): Promise<string> {
  return mesh().exec("client", ["ss", "-Hltnx"]);
}

afterAll(() => rm(socket, { force: true }));
beforeAll(() => mesh().startOutside(outside.port, { TCP_PORT: `${outside.tcp}` }));

it("limits a port to the hosts of its listener and leaves the other ports alone", async () => {
  await mesh().replacePolicy(
    sidecar(`outboundTrafficPolicy: { mode: REGISTRY_ONLY }
  egress:
    - { port: { number: 9081, protocol: HTTP, name: admin }, hosts: ["./server.default.svc.cluster.local"] }
    - { hosts: ["./*"] }`),
  );
  expect(await ask("http://server:9081/")).toMatchObject({ status: 200, body: { service: "server" } });
  expect((await ask("http://other:9081/")).status).toBe(502);
  expect(await ask("http://other/")).toMatchObject({ status: 200, body: { service: "other" } });
});

it("listens on the loopback: HTTP by Host, TCP to the one service, without iptables", async () => {
  await mesh().replacePolicy(
    sidecar(`egress:
    - port: { number: 9081, protocol: HTTP, name: admin }
      captureMode: NONE
      hosts: ["./server.default.svc.cluster.local"]
    - port: { number: 3306, protocol: MYSQL, name: db }
      bind: 127.0.0.1
      captureMode: NONE
      hosts: ["./db.default.svc.cluster.local"]`),
  );
  expect(await listeners()).toMatch(/127\.0\.0\.1:9081/);
  expect(await curl("-H", "Host: server", "http://127.0.0.1:9081/")).toBe("server:9081");
  expect(await curl("-o", "/dev/null", "-w", "%{http_code}", "-H", "Host: other", "http://127.0.0.1:9081/")).toBe(
    "503",
  );
  const { received } = await converse(mesh(), "client", {
    host: "127.0.0.1",
    port: 3306,
    send: "select",
    until: "select",
  });
  expect(received).toContain("db");
  const taken = await mesh().envoyStats("client", "cluster.outbound.3306..db.*upstream_cx_total");
  expect(Object.values(taken)).toEqual([1]);
});

it("listens on a Unix socket, where Host names the port too, and is an HTTP proxy", async () => {
  const hosts = `["./server.default.svc.cluster.local", "./other.default.svc.cluster.local"]`;
  await mesh().replacePolicy(
    sidecar(`egress:
    - { port: { number: 0, protocol: HTTP, name: http }, bind: "unix://${socket}", hosts: ${hosts} }
    - { port: { number: 15080, protocol: HTTP_PROXY, name: proxy }, bind: 127.0.0.1, captureMode: NONE, hosts: ${hosts} }`),
  );
  for (const way of [
    ["--unix-socket", socket],
    ["-x", "http://127.0.0.1:15080"],
  ]) {
    expect(await curl(...way, "http://other/")).toBe("other:8080");
    expect(await curl(...way, "http://server:9081/")).toBe("server:9081");
  }
});

it("puts all services on an address of the loopback, on their own ports", async () => {
  await mesh().replacePolicy(
    sidecar(
      `egress: [{ bind: 127.1.2.3, captureMode: NONE, hosts: ["./db.default.svc.cluster.local", "./proxy.default.svc.cluster.local"] }]`,
    ),
  );
  expect(await curl("-H", "Host: proxy", "http://127.1.2.3:3128/")).toBe("proxy:8080");
  expect(await listeners()).toMatch(/127\.1\.2\.3:3306/);
});

describe("an egress proxy", () => {
  const proxy = "host: proxy.default.svc.cluster.local, port: { number: 3128 }";
  const policy = (egressProxy: string): string =>
    sidecar(`outboundTrafficPolicy: { mode: ALLOW_ANY, egressProxy: ${egressProxy} }
  egress: [{ hosts: ["./proxy.default.svc.cluster.local"] }]`);
  const subset = `---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: proxy, namespace: default }
spec: { host: proxy, subsets: [{ name: out, labels: { app: proxy } }] }
`;

  it.each([
    ["a service", policy(`{ ${proxy} }`), "outbound.3128..proxy"],
    ["a subset", subset + policy(`{ ${proxy}, subset: out }`), "outbound.3128.out.proxy"],
  ])("%s takes what no service claims, by HTTP and not", async (_, yaml, cluster) => {
    await mesh().replacePolicy();
    const url = `http://${outside.address}:${outside.port}/`;
    expect(await ask(url)).toMatchObject({ status: 200, body: { service: "outside" } });
    await mesh().replacePolicy(yaml);
    expect(await ask(url, { headers: { host: "far.example" } })).toMatchObject({
      status: 200,
      body: { service: "proxy" },
    });
    const http = await ask(`http://${outside.address}:3128/`, { headers: { host: "far.example" } });
    expect(http).toMatchObject({ status: 200, body: { service: "proxy" } });
    const used = await mesh().envoyStats("client", `^cluster.${cluster}.*upstream_cx_total`);
    expect(Object.values(used)[0]).toBeGreaterThan(0);
    const passed = await mesh().envoyStats("client", "cluster.PassthroughCluster.upstream_cx_active");
    expect(Object.values(passed).every((count) => count === 0)).toBe(true);
  });

  it("that the Sidecar does not import: nothing goes past it", async () => {
    await mesh().replacePolicy(
      sidecar(`outboundTrafficPolicy: { mode: ALLOW_ANY, egressProxy: { ${proxy} } }
  egress: [{ hosts: ["./server.default.svc.cluster.local"] }]`),
    );
    expect((await ask(`http://${outside.address}:${outside.port}/`)).status).toBe(0);
  });
});
