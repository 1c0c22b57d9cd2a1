import { converse, echoPod, meshForSuite, policy } from "./harness/index.ts";

const outside = { address: "10.244.0.1", http: 9801, tcp: 9802 };
let addresses = 100;

/** A TCP server outside of the mesh, which says back whatever it hears. */
const host = (name: string, rule?: object): string =>
  policy("ServiceEntry", name, {
    hosts: [`${name}.example`],
    addresses: [`192.0.2.${++addresses}`],
    location: "MESH_EXTERNAL",
    resolution: "STATIC",
    ports: [{ number: 9000, name: "tcp", protocol: "TCP" }],
    endpoints: [{ address: outside.address, ports: { tcp: outside.tcp }, labels: { version: "v1" } }],
  }) + (rule ? policy("DestinationRule", name, { host: `${name}.example`, ...rule }) : "");

const mesh = meshForSuite({
  yaml: [
    echoPod({ name: "client" }),
    host("plain"),
    host("first", { trafficPolicy: { proxyProtocol: { version: "V1" } } }),
    host("second", { trafficPolicy: { proxyProtocol: { version: "V2" } } }),
    host("subset", {
      subsets: [{ name: "v1", labels: { version: "v1" }, trafficPolicy: { proxyProtocol: { version: "V1" } } }],
    }),
    host("port-of-subset", {
      trafficPolicy: { proxyProtocol: { version: "V1" } },
      subsets: [
        {
          name: "v1",
          labels: { version: "v1" },
          trafficPolicy: {
            portLevelSettings: [{ port: { number: 9000 }, connectionPool: { tcp: { maxConnections: 9 } } }],
          },
        },
      ],
    }),
    ...["subset", "port-of-subset"].map((name) =>
      policy("VirtualService", name, {
        hosts: [`${name}.example`],
        tcp: [{ route: [{ destination: { host: `${name}.example`, subset: "v1" } }] }],
      }),
    ),
  ].join(""),
});
beforeAll(() => mesh().startOutside(outside.http, { TCP_PORT: `${outside.tcp}` }));

/** All that the server heard. */
async function heard(name: string): Promise<string> {
  const { received } = await converse(mesh(), "client", {
    host: `${name}.example`,
    port: 9000,
    send: "ping",
    until: "ping",
  });
  return received.replace("outside outside\n", "");
}

it("a server hears what is sent, and nothing before it", async () => {
  expect(await heard("plain")).toBe("ping");
});

it.each(["first", "subset", "port-of-subset"])("%s: version 1 says in a line who calls whom", async (name) => {
  const said = /^PROXY TCP4 (\S+) 192[.]0[.]2[.]\d+ \d+ 9000\r\nping$/.exec(await heard(name));
  expect(said?.[1]).toBe(mesh().addressOf("client"));
});

it("version 2 says it in bytes", async () => {
  expect(await heard("second")).toMatch(/^\r\n\r\n\0\r\nQUIT\n!\x11\0\f[^]*ping$/);
});
