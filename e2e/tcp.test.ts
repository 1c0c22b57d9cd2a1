import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { credentialsOf, openTestAuthority } from "./harness/credentials.ts";
import { converse, echoPod, echoService, startMesh, expectNoRejections, type TestMesh } from "./harness/index.ts";

const ports = { tcp: [9000, 9090], "tcp-more": [9001, 9090], http: [9003, 8080] } as const;
const tls = { tls: [9443, 8443] } as const;

const policy = `---
apiVersion: mesh.istio.io/v1alpha1
kind: MeshConfig
metadata: { name: default, namespace: istio-system }
spec: { protocolDetectionTimeout: 300ms }
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: split, namespace: default }
spec:
  hosts: [split]
  tcp: [{ match: [{ port: 9000 }], route: [{ destination: { host: one }, weight: 75 }, { destination: { host: two }, weight: 25 }] }]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: by-name, namespace: default }
spec:
  hosts: [by-name, "*.by-name.example"]
  tls:
    - { match: [{ port: 9443, sniHosts: [two.by-name.example] }], route: [{ destination: { host: two } }] }
    - { match: [{ port: 9443, sniHosts: ["*.by-name.example"] }], route: [{ destination: { host: one } }] }
`;

let mesh: TestMesh;
let roots: string;
const folder = mkdtempSync(join(tmpdir(), "heddle-tcp-"));

beforeAll(async () => {
  const own = await credentialsOf(await openTestAuthority(folder), "server");
  roots = own.roots;
  const env = { TCP_PORT: 9090, TLS_PORT: 8443, TLS_CERT: own.certificate, TLS_KEY: own.privateKey };
  mesh = await startMesh({
    yaml: [
      echoPod({ name: "client" }),
      echoPod({ name: "one", version: "one", env }),
      echoPod({ name: "two", version: "two", env }),
      echoService({ name: "one", ports: { ...ports, ...tls } }),
      echoService({ name: "two", ports: { ...ports, ...tls } }),
      echoService({ name: "split", app: "one", ports }),
      echoService({ name: "by-name", app: "one", ports: tls }),
      echoService({ name: "detected", app: "one", ports: { any: [9004, 8080], some: [9005, 9090] } }),
      echoService({ name: "headless", app: "one", ports: { tcp: [9090], http: [8080] }, headless: true }),
      policy,
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

const greeting = async (host: string, port: number): Promise<string> =>
  (await converse(mesh, "client", { host, port, send: "ping", until: "ping" })).received;
/** Bytes that have come over mTLS, by the statistics of the server's sidecar. */
const handshakes = async (pod: string): Promise<number> =>
  Object.values(await mesh.envoyStats(pod, "^listener.0.0.0.0_15006.ssl.handshake$")).reduce((a, b) => a + b, 0);

it("a server that speaks first is heard at once, over mTLS", async () => {
  const before = await handshakes("one");
  expect(await greeting("one", 9000)).toBe("one one\nping");
  expect(await handshakes("one")).toBe(before + 1);
});

it("ports of one service are told apart", async () => {
  expect(await greeting("one", 9001)).toBe("one one\nping");
  expect((await mesh.request("client", "http://one:9003/")).byVersion).toEqual({ one: 1 });
});

it("connections are split by weight: 3 of 4 of 60, within four standard deviations", async () => {
  const heard = await Promise.all(
    Array.from({ length: 6 }, async () => {
      const all: string[] = [];
      for (let n = 0; n < 10; n++) all.push(await greeting("split", 9000));
      return all;
    }),
  );
  const toOne = heard.flat().filter((text) => text === "one one\nping").length;
  const toTwo = heard.flat().filter((text) => text === "two two\nping").length;
  expect(toOne + toTwo).toBe(60);
  expect(Math.abs(toOne - 45)).toBeLessThan(14);
});

it("TLS connections are routed by their server name, unopened", async () => {
  const send = "GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
  const over = async (servername: string): Promise<string> => {
    const { received } = await converse(mesh, "client", { host: "by-name", port: 9443, servername, ca: roots, send });
    return /"version":"(\w+)"/.exec(received)?.[1] ?? received;
  };
  expect([await over("two.by-name.example"), await over("any.by-name.example")]).toEqual(["two", "one"]);
});

describe("a port that does not say what it speaks", () => {
  it("HTTP is found out, and routed as HTTP", async () => {
    const { answers } = await mesh.request("client", "http://detected:9004/");
    expect(answers[0]).toMatchObject({ status: 200, body: { version: "one" } });
    expect(answers[0]?.body?.headers["x-request-id"]).toBeDefined(); // only HTTP filters make one
    expect(answers[0]?.body?.headers["x-forwarded-client-cert"]).toContain("sa/client");
  });

  it("what is no HTTP is passed on", async () => {
    const { received } = await converse(mesh, "client", {
      host: "detected",
      port: 9004,
      send: "\u0001no http\r\n\r\n",
    });
    expect(received).toContain("400 Bad Request"); // the server's own answer to what it cannot read
  });

  it("a server that speaks first is heard when the detection's time is over", async () => {
    const { received } = await converse(mesh, "client", { host: "detected", port: 9005, until: "\n" });
    expect(received).toBe("one one\n");
  });
});

describe("a headless service", () => {
  it("is its pods, for TCP and for HTTP", async () => {
    expect(await greeting("headless", 9090)).toBe("one one\nping");
    const { answers } = await mesh.request("client", "http://headless:8080/");
    expect(answers[0]).toMatchObject({ status: 200, body: { version: "one" } });
    expect(answers[0]?.body?.headers["x-forwarded-client-cert"]).toContain("sa/client");
  });
});
