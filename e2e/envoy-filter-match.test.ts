import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { KeyRing } from "../src/ca/index.ts";
import { openTestAuthority } from "./harness/credentials.ts";
import { echoPod, echoService, gatewayPod, meshForSuite, policy, waitFor } from "./harness/index.ts";
import { converse } from "./harness/probe.ts";

const folder = mkdtempSync(join(tmpdir(), "heddle-envoy-filter-"));
afterAll(() => rmSync(folder, { recursive: true }));
let authority: KeyRing;
beforeAll(async () => {
  authority = await openTestAuthority(join(folder, "ca"));
});

const mesh = meshForSuite({
  yaml: [
    echoPod({ name: "client" }),
    echoPod({ name: "server", app: "server" }),
    echoPod({ name: "server-v2", app: "server", version: "v2" }),
    echoService({ name: "server" }),
    gatewayPod({ name: "edge", labels: { "gateway.networking.k8s.io/gateway-name": "public" } }),
  ].join(""),
});

const document = (apiVersion: string, kind: string, name: string, more: object): string =>
  `---\n${JSON.stringify({ apiVersion, kind, metadata: { name, namespace: "default" }, ...more })}\n`;
const forApp = (app: string): object => ({ workloadSelector: { labels: { app } } });
const filter = (name: string, configPatches: object[], scope = forApp("client")): string =>
  document("networking.istio.io/v1alpha3", "EnvoyFilter", name, { spec: { configPatches, ...scope } });

/** A patch that adds a word to the header `x-mark` of the answers of what it finds: `applyTo` has a list of headers. */
const marking = (mark: string, applyTo: string, match: object): object => ({
  applyTo,
  match,
  patch: { operation: "MERGE", value: { response_headers_to_add: [{ header: { key: "x-mark", value: mark } }] } },
});

/** The same by a script in front of the router, where a connection manager is what is found. */
const scripting = (mark: string, context: string, filterChain: object, listener: object = {}): object => ({
  applyTo: "HTTP_FILTER",
  match: {
    context,
    listener: {
      ...listener,
      filterChain: {
        ...filterChain,
        filter: {
          name: "envoy.filters.network.http_connection_manager",
          subFilter: { name: "envoy.filters.http.router" },
        },
      },
    },
  },
  patch: {
    operation: "INSERT_BEFORE",
    value: {
      name: `lua-${mark}`,
      typed_config: {
        "@type": "type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua",
        default_source_code: {
          inline_string: `function envoy_on_response(h) h:headers():add("x-mark", "${mark}") end`,
        },
      },
    },
  },
});

const host = "server.default.svc.cluster.local";
const outbound = "SIDECAR_OUTBOUND";
const serverHost = { vhost: { name: `${host}:80` } };

/** The words of the answer, in their order. */
async function marks(path = "/"): Promise<readonly string[]> {
  const { answers } = await mesh().request("client", `http://server${path}`);
  const header = answers[0]?.headers?.["x-mark"] ?? "";
  return header.split(", ").filter((word) => word !== "");
}

it("proxy: a patch is for the proxies whose version and metadata it tells", async () => {
  const withProxy = (mark: string, proxy: object): object =>
    marking(mark, "VIRTUAL_HOST", { context: outbound, proxy, routeConfiguration: serverHost });
  await mesh().replacePolicy(
    filter("proxies", [
      withProxy("version", { proxyVersion: "^1\\.[0-9]+" }),
      withProxy("older", { proxyVersion: "^0\\." }),
      withProxy("name", { metadata: { NAME: "client" } }),
      withProxy("stranger", { metadata: { NAME: "stranger" } }),
    ]),
  );
  await waitFor("the patches", async () => (await marks()).length > 0);
  expect(await marks()).toEqual(["version", "name"]);
});

it("priority: a lower number goes first, whatever the names", async () => {
  const saying = (mark: string): object[] => [
    marking(mark, "VIRTUAL_HOST", { context: outbound, routeConfiguration: serverHost }),
  ];
  await mesh().replacePolicy(
    filter("a", saying("last"), { ...forApp("client"), priority: 10 }) +
      filter("b", saying("middle")) +
      filter("c", saying("first"), { ...forApp("client"), priority: -5 }),
  );
  await waitFor("the patches", async () => (await marks()).length === 3);
  expect(await marks()).toEqual(["first", "middle", "last"]);
});

it("routeConfiguration: all of it by its name, the virtual host by its domain, the route by its name and by what it does", async () => {
  const withName = (mark: string, name: string): object =>
    marking(mark, "VIRTUAL_HOST", { context: outbound, routeConfiguration: { name } });
  const withHost = (mark: string, applyTo: string, vhost: object): object =>
    marking(mark, applyTo, { context: outbound, routeConfiguration: { vhost } });
  await mesh().replacePolicy(
    policy("VirtualService", "server", {
      hosts: ["server"],
      http: [
        { name: "old", match: [{ uri: { prefix: "/old" } }], redirect: { uri: "/new" } },
        { name: "all", route: [{ destination: { host: "server" } }] },
      ],
    }) +
      filter("routes", [
        withName("all", "80"),
        withName("none", "81"),
        withHost("domain", "VIRTUAL_HOST", { domainName: "server.default" }),
        withHost("stranger", "VIRTUAL_HOST", { domainName: "stranger" }),
        withHost("name", "HTTP_ROUTE", { route: { name: "all" } }),
        withHost("redirect", "HTTP_ROUTE", { route: { action: "REDIRECT" } }),
        withHost("neither", "HTTP_ROUTE", { route: { name: "all", action: "REDIRECT" } }),
      ]),
  );
  await waitFor("the patches", async () => (await marks()).includes("name"));
  expect([...(await marks())].sort()).toEqual(["all", "domain", "name"]);
  expect([...(await marks("/old"))].sort()).toEqual(["all", "domain", "redirect"]);
});

it("cluster: by its name, or by service and subset", async () => {
  const to = (subset: string): object[] => [{ destination: { host: "server", subset } }];
  await mesh().replacePolicy(
    policy("DestinationRule", "server", {
      host: "server",
      subsets: ["v1", "v2"].map((version) => ({ name: version, labels: { version } })),
    }) +
      policy("VirtualService", "server", {
        hosts: ["server"],
        http: [{ match: [{ uri: { prefix: "/v2" } }], route: to("v2") }, { route: to("v1") }],
      }) +
      filter("clusters", [
        {
          applyTo: "CLUSTER",
          match: { context: outbound, cluster: { name: `outbound|80|v1|${host}` } },
          patch: { operation: "MERGE", value: { alt_stat_name: "by-name" } },
        },
        {
          applyTo: "CLUSTER",
          match: { context: outbound, cluster: { service: host, subset: "v2" } },
          patch: { operation: "MERGE", value: { alt_stat_name: "by-subset" } },
        },
        {
          applyTo: "CLUSTER",
          match: { context: outbound, cluster: { name: `outbound|80|v3|${host}` } },
          patch: { operation: "MERGE", value: { alt_stat_name: "stranger" } }, // the last to be applied
        },
      ]),
  );
  const requests = async (name: string): Promise<number> =>
    Object.values(await mesh().envoyStats("client", `cluster.${name}.upstream_rq_total`)).at(0) ?? 0;
  await waitFor("a request under the name", async () => {
    await mesh().request("client", "http://server/");
    return (await requests("by-name")) > 0;
  });
  const before = await requests("by-name");
  expect(await requests("by-subset")).toBe(0);
  expect((await mesh().request("client", "http://server/v2")).byStatus).toEqual({ 200: 1 });
  expect(await requests("by-subset")).toBe(1);
  expect(await requests("by-name")).toBe(before);
});

it("filterChain: a chain of a server by its name, transport, port and protocols", async () => {
  const inbound = (mark: string, filterChain: object): object => scripting(mark, "SIDECAR_INBOUND", filterChain);
  await mesh().replacePolicy(
    filter(
      "chains",
      [
        scripting("listener", "SIDECAR_INBOUND", {}, { name: "virtualInbound" }),
        scripting("another-listener", "SIDECAR_INBOUND", {}, { name: "virtualOutbound" }),
        inbound("name", { name: "0.0.0.0_8080" }),
        inbound("another-name", { name: "0.0.0.0_8081" }),
        inbound("tls", { transportProtocol: "tls" }),
        inbound("plain", { transportProtocol: "raw_buffer" }),
        inbound("port", { destinationPort: 8080 }),
        inbound("another-port", { destinationPort: 8081 }),
        inbound("protocol", { applicationProtocols: "istio-http/1.1" }),
        inbound("another-protocol", { applicationProtocols: "stranger" }),
      ],
      forApp("server"),
    ),
  );
  await waitFor("the patches", async () => (await marks()).length > 0);
  expect([...(await marks())].sort()).toEqual(["listener", "name", "port", "protocol", "tls"]);
});

describe("at a gateway", () => {
  const target = (name: string): object => ({
    targetRefs: [{ group: "gateway.networking.k8s.io", kind: "Gateway", name }],
  });
  const https = (name: string): object => ({
    port: { number: 443, name, protocol: "HTTPS" },
    hosts: [`${name}.example.com`],
    tls: { mode: "SIMPLE", credentialName: "own" },
  });

  async function gatewayWith(filters: string): Promise<void> {
    const { certificateChain, privateKey } = await authority.issueServer(["one.example.com"], [], 3_600_000);
    const spec = { selector: { istio: "ingressgateway" }, servers: [https("one"), https("two")] };
    await mesh().replacePolicy(
      document("v1", "Secret", "own", {
        type: "kubernetes.io/tls",
        stringData: { "tls.crt": certificateChain, "tls.key": privateKey },
      }) +
        document("networking.istio.io/v1", "Gateway", "front", { spec }) +
        policy("VirtualService", "all", {
          hosts: ["*.example.com"],
          gateways: ["front"],
          http: [{ route: [{ destination: { host: "server" } }] }],
        }) +
        filters,
    );
  }

  /** The answer of the gateway, from its own machine: nothing stands between. */
  async function ask(name: string): Promise<string> {
    const servername = `${name}.example.com`;
    const send = `GET / HTTP/1.1\r\nhost: ${servername}\r\nconnection: close\r\n\r\n`;
    const address = { host: mesh().addressOf("edge"), port: 443, servername, ca: authority.bundle() };
    return (await converse(mesh(), "edge", { ...address, send })).received;
  }
  const marksOf = (answer: string): string[] =>
    [...answer.matchAll(/^x-mark: (\S+)/gm)].map(([, mark = ""]) => mark).sort();

  it("targetRefs, the Gateway, name and number of a server's port, and the names of its chain", async () => {
    const routes = (mark: string, routeConfiguration: object): object =>
      marking(mark, "VIRTUAL_HOST", { context: "GATEWAY", routeConfiguration });
    const patches = [
      routes("gateway", { gateway: "default/front" }),
      routes("another-gateway", { gateway: "default/back" }),
      routes("port-name", { portName: "one" }),
      routes("port", { portNumber: 443 }),
      routes("another-port", { portNumber: 444 }),
      scripting("sni", "GATEWAY", { sni: "two.example.com" }, { portNumber: 443 }),
    ];
    await gatewayWith(
      filter("front", patches, target("public")) + filter("back", [routes("target", {})], target("other")),
    );
    await waitFor("the patches", async () => marksOf(await ask("one")).length > 0);
    expect(marksOf(await ask("one"))).toEqual(["gateway", "port", "port-name"]);
    expect(marksOf(await ask("two"))).toEqual(["gateway", "port", "sni"]);
  });

  it("listenerFilter: one that asks every connection for a line of its own, before the filter that is named", async () => {
    const before = (listenerFilter: string): object => ({
      applyTo: "LISTENER_FILTER",
      match: { context: "GATEWAY", listener: { portNumber: 443, listenerFilter } },
      patch: {
        operation: "INSERT_BEFORE",
        value: {
          name: "line",
          typed_config: {
            "@type": "type.googleapis.com/envoy.extensions.filters.listener.proxy_protocol.v3.ProxyProtocol",
          },
        },
      },
    });
    await gatewayWith(filter("line", [before("stranger")], target("public")));
    await waitFor("the gateway", async () => (await ask("one")).startsWith("HTTP/1.1 200"));
    await gatewayWith(filter("line", [before("envoy.filters.listener.tls_inspector")], target("public")));
    await waitFor("the gateway to ask for the line", async () => (await ask("one")) === "");
  });
});
