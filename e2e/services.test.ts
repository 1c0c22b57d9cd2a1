import {
  converse,
  echoPod,
  echoService,
  meshConfig,
  meshForSuite,
  policy,
  requestHttp2,
  type Summary,
} from "./harness/index.ts";
import { resolverPod } from "./resolver-pod.ts";

const outside = { address: "10.244.0.1", http: 9821, tcp: 9822 };

/** A pod of a StatefulSet: it has a name of its own under the headless service. */
const replica = (index: number): string => {
  const name = `web-${index}`;
  const pod = JSON.parse(
    echoPod({ name, app: "web", version: name, env: { TCP_PORT: 9090 } }).replace(/^---\n/, ""),
  ) as { spec: object };
  return `---\n${JSON.stringify({ ...pod, spec: { ...pod.spec, hostname: name, subdomain: "web" } })}\n`;
};

/** A pod with a resolver of its own, which knows every name and says where `outside` is. */
const client = resolverPod({ address: outside.address });
const service = (name: string, spec: object): string =>
  `---\n${JSON.stringify({ apiVersion: "v1", kind: "Service", metadata: { name, namespace: "default" }, spec })}\n`;

const nobody = "192.0.2.250"; // where an app may believe that a host is
let addresses = 140;
const entry = (name: string, spec: object): string =>
  policy("ServiceEntry", name, {
    hosts: [`${name}.example`],
    addresses: [`192.0.2.${++addresses}`],
    location: "MESH_EXTERNAL",
    ports: [{ number: 80, name: "http", protocol: "HTTP", targetPort: outside.http }],
    ...spec,
  });

const mesh = meshForSuite({
  yaml: [
    client,
    ...[0, 1, 2].map(replica),
    echoService({ name: "web", ports: { http: [8080], tcp: [9090] }, headless: true }),
    echoPod({ name: "server", env: { PORT: "8080,8084", H2_PORT: 8082, EITHER_PORT: 8083, TCP_PORT: 9000 } }),
    service("declared", {
      selector: { app: "server" },
      ports: [
        { name: "tcp-by-name", port: 80, targetPort: 8080, appProtocol: "http" },
        { name: "http-by-name", port: 81, targetPort: 8084, appProtocol: "tcp" },
        { name: "any", port: 82, targetPort: 8082, appProtocol: "kubernetes.io/h2c" },
        { name: "unsaid", port: 83, targetPort: 8083 },
      ],
    }),
    echoService({ name: "one", app: "server", ports: { http: [80, 8080], tcp: [9000] } }),
    echoService({ name: "two", app: "server", ports: { http: [80, 8080], "http-own": [8088, 8080] } }),
    service("known-elsewhere", { type: "ExternalName", externalName: "by-itself.example" }),
    service("known-nowhere", { type: "ExternalName", externalName: "nobody.example" }),
    service("also-two", { type: "ExternalName", externalName: "two.default.svc.cluster.local" }),
    entry("named", { resolution: "DNS", endpoints: [{ address: "real.example" }] }),
    entry("by-itself", {
      resolution: "DNS",
      addresses: [],
      ports: [{ number: outside.http, name: "http", protocol: "HTTP" }],
    }),
    entry("one-of-many", { resolution: "DNS_ROUND_ROBIN", endpoints: [{ address: "many.example" }] }),
    entry("anywhere", {
      resolution: "NONE",
      addresses: [],
      ports: [{ number: outside.http, name: "http", protocol: "HTTP" }],
    }),
    entry("wild", {
      hosts: ["*.wild.example"],
      resolution: "NONE",
      addresses: [],
      ports: [{ number: outside.http, name: "http", protocol: "HTTP" }],
    }),
  ].join(""),
});
beforeAll(() => mesh().startOutside(outside.http, { TCP_PORT: `${outside.tcp}` }));

const send = (url: string, options: { count?: number; host?: string } = {}): Promise<Summary> =>
  mesh().request("client", url, {
    count: options.count ?? 1,
    ...(options.host && { headers: { host: options.host } }),
  });
async function requestsOf(cluster: string): Promise<number> {
  const stats = await mesh().envoyStats("client", `^cluster\\.outbound\\|\\d+\\|\\|${cluster}.*\\.upstream_cx_total$`);
  return Object.values(stats).reduce((sum, count) => sum + count, 0);
}

describe("a StatefulSet", () => {
  it.each([0, 1, 2])("each replica is called by its own name, by HTTP and TCP, as who it is: web-%d", async (index) => {
    const host = `web-${index}.web.default.svc.cluster.local`;
    const { answers, byInstance } = await send(`http://${host}:8080/`, { count: 20 });
    expect(byInstance).toEqual({ [`web-${index}`]: 20 });
    expect(answers[0]?.body?.headers["x-forwarded-client-cert"]).toContain("sa/client");
    const heard = await converse(mesh(), "client", {
      host: `web-${index}.web`,
      port: 9090,
      send: "ping",
      until: "ping",
    });
    expect(heard.received).toBe(`web web-${index}\nping`);
  });
});

describe("what a port speaks", () => {
  it("is what appProtocol says, whatever its name", async () => {
    const ids = await Promise.all(
      [80, 81].map(async (port) => (await send(`http://declared:${port}/`)).answers[0]?.body?.headers["x-request-id"]),
    );
    expect(ids).toEqual([expect.any(String), undefined]); // only where it is read as HTTP
    const { answers } = await send("http://declared:82/");
    expect(answers[0]).toMatchObject({ status: 200, body: { httpVersion: "2.0" } });
  });

  it("is found out where nothing says it: HTTP/1.1 and HTTP/2 go on as they come", async () => {
    const { answers } = await send("http://declared:83/");
    expect(answers[0]?.body).toMatchObject({ httpVersion: "1.1" });
    const { body } = await requestHttp2(mesh(), "client", { h2: "http://declared:83/" });
    const echo = JSON.parse(body) as { httpVersion: string; headers: Record<string, string> };
    expect(echo.httpVersion).toBe("2.0");
    expect(echo.headers["x-request-id"]).toBeDefined();
    expect(echo.headers["x-forwarded-client-cert"]).toContain("sa/client");
  });
});

it("several services of one workload, on the same port and others, have rules of their own", async () => {
  await mesh().replacePolicy(
    policy("VirtualService", "one", { hosts: ["one"], http: [{ directResponse: { status: 418 } }] }) +
      policy("DestinationRule", "two", { host: "two", trafficPolicy: { tls: { mode: "DISABLE" } } }),
  );
  expect((await send("http://one/")).byStatus).toEqual({ 418: 1 });
  for (const url of ["http://two/", "http://two:8088/"]) {
    const { answers } = await send(url);
    expect(answers[0]).toMatchObject({ status: 200, body: { service: "server", port: 8080 } });
    expect(answers[0]?.body?.headers["x-forwarded-client-cert"]).toBeUndefined();
  }
  const heard = await converse(mesh(), "client", { host: "one", port: 9000, send: "ping", until: "ping" });
  expect(heard.received).toBe("server v1\nping");
  await mesh().replacePolicy();
});

it("ExternalName: another name for a service of the mesh, with its mTLS and its rules", async () => {
  const strict = {
    apiVersion: "security.istio.io/v1",
    kind: "PeerAuthentication",
    metadata: { name: "all", namespace: "default" },
  };
  await mesh().replacePolicy(`---\n${JSON.stringify({ ...strict, spec: { mtls: { mode: "STRICT" } } })}\n`);
  for (const url of ["http://also-two/", "http://also-two.default.svc.cluster.local:8088/"]) {
    const { answers } = await send(url);
    expect(answers[0]).toMatchObject({ status: 200, body: { service: "server" } });
    expect(answers[0]?.body?.headers["x-forwarded-client-cert"]).toContain("sa/client");
  }
  await mesh().applyPolicy(
    policy("VirtualService", "two", { hosts: ["two"], http: [{ directResponse: { status: 418 } }] }),
  );
  expect((await send("http://also-two/")).byStatus).toEqual({ 418: 1 });
  const to = [{ destination: { host: "also-two", port: { number: 8088 } } }];
  await mesh().applyPolicy(policy("VirtualService", "two", { hosts: ["one"], http: [{ route: to }] }));
  expect((await send("http://one/")).answers[0]?.body).toMatchObject({ service: "server", port: 8080 });
  await mesh().replacePolicy();
});

/** Nothing goes out but what is known. */
const registryOnly = meshConfig({ outboundTrafficPolicy: { mode: "REGISTRY_ONLY" } });

describe("hosts outside, with REGISTRY_ONLY", () => {
  beforeAll(() => mesh().replacePolicy(registryOnly));

  it.each([
    ["named", 80],
    ["by-itself", outside.http],
    ["one-of-many", 80],
  ])("%s: Envoy looks the name up", async (name, port) => {
    const { answers } = await send(`http://${nobody}:${port}/x`, { host: `${name}.example` });
    expect(answers[0]).toMatchObject({ status: 200, body: { service: "outside", path: "/x" } });
    expect(await requestsOf(`${name}[.]example`)).toBe(1);
  });

  it("ExternalName: another name for a host outside that is known, and for nothing else", async () => {
    const { answers } = await send(`http://${nobody}:${outside.http}/`, { host: "known-elsewhere" });
    expect(answers[0]).toMatchObject({ status: 200, body: { service: "outside" } });
    const unknown = await send(`http://${nobody}:${outside.http}/`, { host: "known-nowhere" });
    expect(unknown.byStatus).toEqual({ 502: 1 });
  });

  it.each([
    ["anywhere.example", "anywhere[.]example"],
    ["a.b.wild.example", "[*][.]wild[.]example"],
  ])("NONE: %s is where the app says that it is", async (host, cluster) => {
    const { answers } = await send(`http://${outside.address}:${outside.http}/`, { host });
    expect(answers[0]).toMatchObject({ status: 200, body: { service: "outside" } });
    expect(await requestsOf(cluster)).toBe(1);
    const other = await send(`http://${outside.address}:${outside.http}/`, { host: "wild.example" });
    expect(other.byStatus).toEqual({ 502: 1 });
  });

  it("NONE with a range of addresses: TCP to any of them goes on to where the app sends it", async () => {
    const talk = { host: outside.address, port: outside.tcp, send: "ping", until: "ping", timeoutMs: 3_000 };
    expect((await converse(mesh(), "client", talk)).received).toBe("");
    const range = {
      resolution: "NONE",
      addresses: ["10.244.0.0/28"],
      ports: [{ number: outside.tcp, name: "tcp", protocol: "TCP" }],
    };
    await mesh().replacePolicy(registryOnly + entry("range", range));
    expect((await converse(mesh(), "client", talk)).received).toBe("outside outside\nping");
    expect(await requestsOf("range[.]example")).toBe(1);
  });
});
