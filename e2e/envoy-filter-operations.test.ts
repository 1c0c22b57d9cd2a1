import { converse, waitFor } from "./harness/index.ts";
import { patch, patchedMesh, typed } from "./envoy-patches.ts";

const { mesh, apply, ask, stat } = patchedMesh();
const host = "server.default.svc.cluster.local";
const [outbound, inbound] = [{ context: "SIDECAR_OUTBOUND" }, { context: "SIDECAR_INBOUND" }];
const greeting = async (port = 9000): Promise<string> =>
  (await converse(mesh(), "client", { host: "server", port, send: "ping", until: "ping", timeoutMs: 2_000 })).received;

describe("CLUSTER", () => {
  const toExtra = patch(
    "HTTP_ROUTE",
    "MERGE",
    { ...outbound, routeConfiguration: { vhost: { name: `${host}:80`, route: { name: "first" } } } },
    { route: { cluster: "extra" } },
  );

  it("ADD: one of its own, to which a route is led", async () => {
    const address = { socket_address: { address: mesh().addressOf("server"), port_value: 8081 } };
    const endpoints = [{ lb_endpoints: [{ endpoint: { address } }] }];
    const extra = { name: "extra", type: "STATIC", connect_timeout: "2s" };
    const value = { ...extra, load_assignment: { cluster_name: "extra", endpoints } };
    await apply("client", patch("CLUSTER", "ADD", outbound, value), toExtra);
    await waitFor("the other cluster", async () => (await ask("/first")).body?.port === 8081);
    expect((await ask("/rest")).body?.port).toBe(8080);
  });

  it("REMOVE: who sends there gets 503", async () => {
    const match = { ...outbound, cluster: { service: host, portNumber: 81 } };
    await apply("client", patch("CLUSTER", "REMOVE", match));
    await waitFor("the end of the cluster", async () => (await ask("/", { port: 81 })).status === 503);
    expect((await ask()).status).toBe(200);
  });
});

describe("LISTENER", () => {
  it("ADD: one that answers by itself", async () => {
    const value = {
      name: "own",
      address: { socket_address: { address: "127.0.0.1", port_value: 7777 } },
      filter_chains: [
        {
          filters: [
            { name: "say", ...typed("network.direct_response.v3.Config", { response: { inline_string: "own" } }) },
          ],
        },
      ],
    };
    await apply("client", patch("LISTENER", "ADD", outbound, value));
    const heard = () => converse(mesh(), "client", { host: "127.0.0.1", port: 7777 });
    await waitFor("the listener", async () => (await heard()).received === "own");
  });

  it("MERGE: the statistics have another name", async () => {
    await apply(
      "client",
      patch("LISTENER", "MERGE", { ...outbound, listener: { name: "0.0.0.0_81" } }, { stat_prefix: "merged" }),
    );
    await waitFor("connections under the name", async () => {
      await ask("/", { port: 81 });
      return (await stat("client", "^listener\\.merged\\.http.*downstream_rq_2xx$")) > 0;
    });
  });

  it("REMOVE: nobody leads the port to its service", async () => {
    await apply("client", patch("LISTENER", "REMOVE", { ...outbound, listener: { name: "0.0.0.0_81" } }));
    await waitFor("the end of the listener", async () => (await ask("/", { port: 81 })).status !== 200);
    expect((await ask()).status).toBe(200);
  });
});

/** Names of the listener filters that the server's Envoy holds, of its inbound listener. */
async function listenerFilters(): Promise<readonly string[]> {
  const dump = JSON.stringify(await mesh().configDump("server"));
  const start = dump.indexOf('"listener_filters"', dump.indexOf('"name":"virtualInbound"'));
  const list = dump.slice(start, dump.indexOf('"continue_on_listener_filters_timeout"', start));
  return [...list.matchAll(/"name":"([\w.]+)","typed_config"/g)].map(([, name = ""]) => name);
}

describe("LISTENER_FILTER", () => {
  const inspector = "envoy.filters.listener.tls_inspector";
  const at = (listenerFilter?: string): object => ({
    ...inbound,
    listener: { name: "virtualInbound", ...(listenerFilter && { listenerFilter }) },
  });
  /** One that lets everybody in and counts who has not said more. */
  const counting = (name: string): object => ({
    name,
    ...typed("listener.proxy_protocol.v3.ProxyProtocol", {
      allow_requests_without_proxy_protocol: true,
      stat_prefix: name,
    }),
  });

  it("INSERT_FIRST, INSERT_BEFORE, INSERT_AFTER and ADD: each runs, in its place", async () => {
    await apply(
      "server",
      patch("LISTENER_FILTER", "INSERT_FIRST", at(), counting("first")),
      patch("LISTENER_FILTER", "INSERT_BEFORE", at(inspector), counting("before")),
      patch("LISTENER_FILTER", "INSERT_AFTER", at(inspector), counting("after")),
      patch("LISTENER_FILTER", "ADD", at(), counting("added")),
    );
    for (const name of ["first", "before", "after", "added"])
      await waitFor(`the filter ${name}`, async () => {
        expect((await ask()).status).toBe(200);
        return (await stat("server", `^proxy_proto\\.${name}\\.not_found_allowed$`)) > 0;
      });
    const names = await listenerFilters();
    expect(names[0]).toBe("first");
    expect(names.at(-1)).toBe("added");
    expect(names.slice(names.indexOf("before"), names.indexOf("after") + 1)).toEqual(["before", inspector, "after"]);
  });

  it.each([
    ["REMOVE", undefined],
    ["REPLACE", counting("in-place")],
  ])("%s: without the inspector nobody knows TLS when they see it", async (operation, value) => {
    await apply("server", patch("LISTENER_FILTER", operation, at(inspector), value));
    await waitFor("the end of mTLS", async () => (await ask()).body?.headers["x-forwarded-client-cert"] === undefined);
    expect(await listenerFilters()).not.toContain(inspector);
  });
});

describe("FILTER_CHAIN", () => {
  const ofPort = { ...inbound, listener: { name: "virtualInbound", filterChain: { destinationPort: 8081 } } };

  it("ADD: one for a port that nobody serves", async () => {
    const filters = [
      { name: "say", ...typed("network.direct_response.v3.Config", { response: { inline_string: "added" } }) },
    ];
    const value = { name: "added", filter_chain_match: { destination_port: 8099 }, filters };
    await apply("server", patch("FILTER_CHAIN", "ADD", { ...inbound, listener: { name: "virtualInbound" } }, value));
    const heard = () =>
      converse(mesh(), "client", {
        host: mesh().addressOf("server"),
        port: 8099,
        send: "what speaks is found out first\r\n\r\n",
        timeoutMs: 2_000,
      });
    await waitFor("the chain", async () => (await heard()).received === "added");
  });

  it("MERGE: it is for fewer", async () => {
    const nobody = { filter_chain_match: { source_prefix_ranges: [{ address_prefix: "192.0.2.0", prefix_len: 24 }] } };
    await apply("server", patch("FILTER_CHAIN", "MERGE", ofPort, nobody));
    await waitFor("the refusal", async () => (await ask("/", { port: 81 })).status !== 200);
    expect((await ask()).status).toBe(200);
  });

  it("REMOVE: the chain for all other ports takes what comes", async () => {
    const passed = () => stat("server", "^http\\.InboundPassthroughCluster\\.downstream_rq_total$");
    const before = await passed();
    await apply("server", patch("FILTER_CHAIN", "REMOVE", ofPort));
    await waitFor("the other chain", async () => {
      await ask("/", { port: 81 });
      return (await passed()) > before;
    });
  });
});

describe("NETWORK_FILTER", () => {
  const proxy = "envoy.filters.network.tcp_proxy";
  const chain = (name?: string): object => ({
    ...outbound,
    listener: { portNumber: 9000, filterChain: name === undefined ? {} : { filter: { name } } },
  });
  /** One that lets everybody through and counts them. */
  const counting = (name: string): object => ({
    name,
    ...typed("network.rbac.v3.RBAC", {
      stat_prefix: `${name}.`,
      rules: { policies: { all: { permissions: [{ any: true }], principals: [{ any: true }] } } },
    }),
  });
  const counted = (name: string) => stat("client", `^${name}\\.rbac\\.allowed$`);
  const saying = (text: string): object => ({
    name: "say",
    ...typed("network.direct_response.v3.Config", { response: { inline_string: text } }),
  });

  it("INSERT_FIRST, INSERT_BEFORE and INSERT_AFTER put one in, REMOVE takes one out, MERGE changes one", async () => {
    await apply(
      "client",
      patch("NETWORK_FILTER", "INSERT_BEFORE", chain(proxy), counting("before")),
      patch("NETWORK_FILTER", "INSERT_AFTER", chain("before"), counting("after")),
      patch("NETWORK_FILTER", "INSERT_FIRST", chain(), counting("first")),
      patch("NETWORK_FILTER", "INSERT_BEFORE", chain(proxy), counting("gone")),
      patch("NETWORK_FILTER", "REMOVE", chain("gone")),
      patch("NETWORK_FILTER", "MERGE", chain(proxy), typed("network.tcp_proxy.v3.TcpProxy", { stat_prefix: "merged" })),
    );
    await waitFor("the filters", async () => {
      expect(await greeting()).toBe("server v1\nping");
      return (await counted("first")) > 0;
    });
    const [first, before, after] = await Promise.all(["first", "before", "after"].map(counted));
    expect([before, after]).toEqual([first, first]);
    expect(await counted("gone")).toBe(0);
    expect(await stat("client", "^tcp\\.merged\\.downstream_cx_total$")).toBe(first);
  });

  it("REPLACE: another answers", async () => {
    await apply("client", patch("NETWORK_FILTER", "REPLACE", chain(proxy), saying("replaced")));
    await waitFor("the other filter", async () => (await greeting()) === "replaced");
  });

  it("ADD: at the end, when the last is removed", async () => {
    await apply(
      "client",
      patch("NETWORK_FILTER", "REMOVE", chain(proxy)),
      patch("NETWORK_FILTER", "ADD", chain(), saying("added")),
    );
    await waitFor("the other filter", async () => (await greeting()) === "added");
  });
});
