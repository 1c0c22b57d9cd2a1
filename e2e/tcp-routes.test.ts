import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openTestAuthority } from "./harness/credentials.ts";
import {
  converse,
  echoPod,
  echoService,
  expectNoRejections,
  policy,
  startMesh,
  type TestMesh,
} from "./harness/index.ts";

const to = (subset: string, weight?: number): object => ({ destination: { host: "server", subset }, weight });
const [one, two] = [[to("one")], [to("two")]];
const names = ["by-label", "by-namespace", "by-gateway", "split", "ranges"];
const sni = (name: string): string => `${name}.example`;
/** A host of its own for each rule: what matches goes to `two`, the rest to `one`. One port of it is carried as TCP, one as TLS. */
const host = (name: string, spec: (sniHosts: string[]) => object): string =>
  echoService({ name, app: "server", ports: { tcp: [9000, 9090], tls: [9443, 8443] } }) +
  policy("VirtualService", name, { hosts: [name, sni(name)], ...spec([sni(name)]) });

/** Any address of two ranges: the upper half of each goes to `two`. */
const ranges = [
  policy("ServiceEntry", "ranges", {
    hosts: ["ranges.example"],
    addresses: ["192.0.2.0/24"],
    resolution: "STATIC",
    ports: [
      { number: 9000, name: "tcp", protocol: "TCP" },
      { number: 9443, name: "tls", protocol: "TLS" },
    ],
    workloadSelector: { labels: { app: "nobody" } },
  }),
  policy("VirtualService", "ranges", {
    hosts: ["ranges.example"],
    tcp: [{ match: [{ port: 9000, destinationSubnets: ["192.0.2.128/25"] }], route: two }, { route: one }],
    tls: [
      { match: [{ sniHosts: ["ranges.example"], destinationSubnets: ["192.0.2.128/25"] }], route: two },
      { match: [{ sniHosts: ["ranges.example"] }], route: one },
    ],
  }),
];

const policies = [
  policy("DestinationRule", "server", {
    host: "server",
    subsets: ["one", "two"].map((name) => ({ name, labels: { version: name } })),
  }),
  host("by-label", (sniHosts) => ({
    tcp: [{ match: [{ sourceLabels: { role: "special" } }], route: two }, { route: one }],
    tls: [
      { match: [{ sniHosts, sourceLabels: { role: "special" } }], route: two },
      { match: [{ sniHosts }], route: one },
    ],
  })),
  host("by-namespace", (sniHosts) => ({
    tcp: [{ match: [{ sourceNamespace: "elsewhere" }], route: two }, { route: one }],
    tls: [
      { match: [{ sniHosts, sourceNamespace: "elsewhere" }], route: two },
      { match: [{ sniHosts }], route: one },
    ],
  })),
  host("by-gateway", (sniHosts) => ({
    gateways: ["mesh", "edge"],
    tcp: [
      { match: [{ gateways: ["edge"] }], route: one },
      { match: [{ gateways: ["mesh"] }], route: two },
    ],
    tls: [
      { match: [{ sniHosts, gateways: ["edge"] }], route: one },
      { match: [{ sniHosts, gateways: ["mesh"] }], route: two },
    ],
  })),
  host("split", (sniHosts) => ({ tls: [{ match: [{ sniHosts }], route: [to("one", 25), to("two", 75)] }] })),
  ...ranges,
];

let mesh: TestMesh;
let ca: string;
const folder = mkdtempSync(join(tmpdir(), "heddle-tcp-routes-"));

beforeAll(async () => {
  const authority = await openTestAuthority(folder);
  ca = authority.bundle();
  const { certificateChain, privateKey } = await authority.issueServer(names.map(sni), [], 3_600_000);
  const env = { TCP_PORT: 9090, TLS_PORT: 8443, TLS_CERT: certificateChain, TLS_KEY: privateKey };
  mesh = await startMesh({
    yaml: [
      echoPod({ name: "client" }),
      echoPod({ name: "special", labels: { role: "special" } }),
      echoPod({ name: "client", namespace: "elsewhere" }),
      ...["one", "two"].map((version) => echoPod({ name: version, app: "server", version, env })),
      echoService({ name: "server", ports: { tcp: [9000, 9090], tls: [9443, 8443] } }),
      ...policies,
    ].join(""),
  });
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  try {
    await expectNoRejections(mesh);
  } finally {
    await mesh.close();
  }
});

/** Which version a pod's connection comes to: carried as TCP, and carried as TLS. */
async function reached(pod: string, name: string, address = name): Promise<readonly [tcp: string, tls: string]> {
  const { received } = await converse(mesh, pod, { host: address, port: 9000, send: "ping", until: "ping" });
  const { byVersion } = await overTls(pod, name, 1, address);
  return [received, Object.keys(byVersion).join()];
}

function overTls(pod: string, name: string, count: number, address = name) {
  return mesh.request(pod, `https://${address}:9443/`, { ca, servername: sni(name), keepAlive: false, count });
}

const atOne = ["server one\nping", "one"];
const atTwo = ["server two\nping", "two"];

it("by the caller's labels", async () => {
  expect(await reached("client", "by-label")).toEqual(atOne);
  expect(await reached("special", "by-label")).toEqual(atTwo);
});

it("by the caller's namespace", async () => {
  expect(await reached("client", "by-namespace", "by-namespace.default")).toEqual(atOne);
  expect(await reached("client.elsewhere", "by-namespace", "by-namespace.default")).toEqual(atTwo);
});

it("not by what is meant for a gateway", async () => {
  expect(await reached("client", "by-gateway")).toEqual(atTwo);
});

it("by the address that is called", async () => {
  expect(await reached("client", "ranges", "192.0.2.7")).toEqual(atOne);
  expect(await reached("client", "ranges", "192.0.2.207")).toEqual(atTwo);
});

it("TLS connections are split by weight: 3 of 4 of 100, within four standard deviations", async () => {
  const { byVersion, ok } = await overTls("client", "split", 100);
  expect(ok).toBe(100);
  expect(Math.abs((byVersion["two"] ?? 0) - 75)).toBeLessThan(18);
});
