import { converse, echoPod, meshForSuite, serverStats } from "./harness/index.ts";

const outside = { address: "10.244.0.1", proxy: 9401, database: 9402, poster: 9403 };

const external = (name: string, address: string, ports: readonly number[], more: string): string => `---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: ${name}, namespace: default }
spec:
  hosts: [${name}.example]
  addresses: [${address}]
  location: MESH_EXTERNAL
  ports: [${ports.map((port, at) => `{ number: ${port}, name: tcp${at > 0 ? at : ""}, protocol: TCP }`).join(", ")}]
  ${more}
`;

/** Nothing listens on 192.0.2.50: only the proxy knows where the database is. */
const policy = `---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: db, namespace: default }
spec:
  hosts: [db.example]
  tcp:
    - { match: [{ port: 3306 }], route: [{ destination: { host: proxy.example, port: { number: 3128 } } }] }
    - { match: [{ port: 3307 }], route: [{ destination: { host: poster.example, port: { number: 3128 } } }] }
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: proxy, namespace: default }
spec:
  host: proxy.example
  trafficPolicy:
    tunnel: { protocol: CONNECT, targetHost: ${outside.address}, targetPort: ${outside.database} }
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: poster, namespace: default }
spec:
  host: poster.example
  trafficPolicy:
    tunnel: { protocol: POST, targetHost: ${outside.address}, targetPort: ${outside.database} }
`;

const proxyAt = (port: number): string =>
  `resolution: STATIC\n  endpoints: [{ address: ${outside.address}, ports: { tcp: ${port} } }]`;

const mesh = meshForSuite({
  yaml: [
    echoPod({ name: "client" }),
    external("db", "192.0.2.50", [3306, 3307], "resolution: NONE"),
    external("proxy", "192.0.2.51", [3128], proxyAt(outside.proxy)),
    external("poster", "192.0.2.52", [3128], proxyAt(outside.poster)),
    policy,
  ].join(""),
});

beforeAll(async () => {
  await mesh().startOutside(outside.proxy, { TCP_PORT: `${outside.database}` });
  await mesh().startOutside(outside.poster, { TUNNEL: "POST" });
});

it.each([
  ["CONNECT", 3306, outside.proxy],
  ["POST", 3307, outside.poster],
])("carries a connection through a forward proxy by HTTP %s, both ways", async (method, port, proxy) => {
  const talk = { host: "192.0.2.50", port, send: "select", until: "select" };
  const { received } = await converse(mesh(), "client", talk);
  expect(received).toBe("outside outside\nselect");
  const { byPath } = await serverStats(mesh(), "client", `${outside.address}:${proxy}`);
  expect(byPath[`${method} ${outside.address}:${outside.database}`]).toBe(1);
});
