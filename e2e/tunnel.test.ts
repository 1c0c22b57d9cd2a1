import { converse, echoPod, meshForSuite, serverStats } from "./harness/index.ts";

const outside = { address: "10.244.0.1", proxy: 9401, database: 9402 };

const external = (name: string, address: string, port: number, more: string): string => `---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: ${name}, namespace: default }
spec:
  hosts: [${name}.example]
  addresses: [${address}]
  location: MESH_EXTERNAL
  ports: [{ number: ${port}, name: tcp, protocol: TCP }]
  ${more}
`;

/** Nothing listens on 192.0.2.50: only the proxy knows where the database is. */
const policy = `---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: db, namespace: default }
spec:
  hosts: [db.example]
  tcp: [{ match: [{ port: 3306 }], route: [{ destination: { host: proxy.example, port: { number: 3128 } } }] }]
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: proxy, namespace: default }
spec:
  host: proxy.example
  trafficPolicy:
    tunnel: { protocol: CONNECT, targetHost: ${outside.address}, targetPort: ${outside.database} }
`;

const mesh = meshForSuite({
  yaml: [
    echoPod({ name: "client" }),
    external("db", "192.0.2.50", 3306, "resolution: NONE"),
    external(
      "proxy",
      "192.0.2.51",
      3128,
      `resolution: STATIC\n  endpoints: [{ address: ${outside.address}, ports: { tcp: ${outside.proxy} } }]`,
    ),
    policy,
  ].join(""),
});

beforeAll(() => mesh().startOutside(outside.proxy, { TCP_PORT: `${outside.database}` }));

it("carries a connection through a forward proxy by HTTP CONNECT, both ways", async () => {
  const { received } = await converse(mesh(), "client", {
    host: "192.0.2.50",
    port: 3306,
    send: "select",
    until: "select",
  });
  expect(received).toBe("outside outside\nselect");
  const { byPath } = await serverStats(mesh(), "client", `${outside.address}:${outside.proxy}`);
  expect(byPath[`CONNECT ${outside.address}:${outside.database}`]).toBe(1);
});
