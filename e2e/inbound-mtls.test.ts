import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect as connectTls } from "node:tls";
import { parseCase } from "../src/envoy/golden-case.ts";
import { buildResources } from "../src/envoy/index.ts";
import { meshAlpnHttp1, meshAlpnTcp } from "../src/envoy/tls-alpn.ts";
import { credentialsOf, openTestAuthority } from "./harness/credentials.ts";
import { envoyBinary } from "./harness/envoy-binary.ts";
import { writeStaticBootstrap, type Credentials } from "./harness/static-bootstrap.ts";

/** The workload's ports, without iptables: virtualInbound listens on them itself. */
const [http, tcp, detected, unnamed] = [21080, 21081, 21082, 21083] as const;
const admin = 21084;

const mesh = (mode: string) => `proxy: { name: web-1, labels: { app: web } }
---
apiVersion: v1
kind: Service
metadata: { name: web, namespace: default }
spec:
  clusterIP: 10.2.0.1
  selector: { app: web }
  ports: [{ name: http, port: ${http} }, { name: tcp, port: ${tcp} }, { name: any, port: ${detected} }]
---
apiVersion: v1
kind: Pod
metadata: { name: web-1, namespace: default, labels: { app: web } }
spec: { serviceAccountName: web, containers: [{ name: web }] }
status: { podIP: 10.1.0.1, phase: Running }
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: { name: default, namespace: istio-system }
spec: { mtls: { mode: ${mode} } }
`;

const folder = mkdtempSync(join(tmpdir(), "heddle-inbound-"));
let app: Server;
let envoy: ChildProcess;
let caller: Credentials;
let stranger: Credentials;
let clientHello: Buffer; // of a client that knows nothing of the mesh

beforeAll(async () => {
  const authority = await openTestAuthority(join(folder, "ca"));
  caller = await credentialsOf(authority, "caller");
  stranger = await credentialsOf(await openTestAuthority(join(folder, "other-ca")), "caller");
  app = createServer(answer).listen(0, "127.0.0.1");
  await once(app, "listening");
  clientHello = await captureClientHello();
});

afterAll(() => {
  app.close();
  rmSync(folder, { recursive: true });
});

/** An app that speaks both: HTTP is answered with the identity headers it came with, all else with what it is. */
function answer(socket: Socket): void {
  socket.on("error", () => socket.destroy());
  socket.once("data", (data) => {
    const text = data.toString("latin1");
    if (!text.startsWith("GET ")) return socket.end(data[0] === 0x16 ? "tls" : `tcp ${text.trim()}`);
    const body = /^x-forwarded-client-cert: (.*)$/im.exec(text)?.[1] ?? "nobody";
    return socket.end(`HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n${body}`);
  });
}

async function start(mode: string): Promise<void> {
  const { view } = parseCase(mesh(mode));
  const authority = await openTestAuthority(join(folder, "ca"));
  const path = writeStaticBootstrap(
    join(folder, mode),
    buildResources(view, { vhds: false }),
    await credentialsOf(authority, "web"),
  );
  const bootstrap = JSON.parse(readFileSync(path, "utf8")) as Bootstrap;
  writeFileSync(path, JSON.stringify(withoutInterception(bootstrap)));
  envoy = spawn(envoyBinary, ["-c", path, "--disable-hot-restart", "--log-level", "error", "--concurrency", "1"]);
  let log = "";
  envoy.stderr?.on("data", (data: Buffer) => (log += data.toString()));
  for (;;) {
    if (envoy.exitCode !== null) throw new Error(log);
    const ready = await fetch(`http://127.0.0.1:${admin}/ready`).catch(() => undefined);
    if (ready?.status === 200) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

interface Named {
  readonly name: string;
}

interface Bootstrap {
  readonly staticResources: { readonly listeners: readonly Named[]; readonly clusters: readonly Named[] };
}

/** virtualInbound on the workload's own ports, and the app behind every inbound cluster. */
function withoutInterception(bootstrap: Bootstrap) {
  const { staticResources } = bootstrap;
  const toApp = { endpoint: { address: address((app.address() as AddressInfo).port) } };
  const isInbound = ({ name }: Named) => name === "BlackHoleCluster" || /^inbound/i.test(name);
  return {
    ...bootstrap,
    admin: { address: address(admin) },
    staticResources: {
      listeners: staticResources.listeners
        .filter(({ name }) => name === "virtualInbound")
        .map((listener) => ({
          ...listener,
          address: address(http),
          additionalAddresses: [tcp, detected, unnamed].map((port) => ({ address: address(port) })),
        })),
      clusters: staticResources.clusters.filter(isInbound).map(({ name }) => ({
        name,
        loadAssignment: { clusterName: name, endpoints: [{ lbEndpoints: [toApp] }] },
      })),
    },
  };
}

async function stop(): Promise<void> {
  if (envoy.exitCode !== null) return;
  envoy.kill();
  await once(envoy, "exit");
}

function address(portValue: number) {
  return { socketAddress: { address: "127.0.0.1", portValue } };
}

const get = "GET / HTTP/1.1\r\nhost: web\r\nx-forwarded-client-cert: URI=spiffe://forged\r\nconnection: close\r\n\r\n";

/** What comes back on a connection, its HTTP body if there is one; "closed" when nothing does. */
function said(socket: Socket, text: string | Buffer): Promise<string> {
  return new Promise((resolve) => {
    let answer = "";
    const end = () => resolve(answer === "" ? "closed" : (answer.split("\r\n\r\n")[1] ?? answer));
    socket.on("data", (data) => (answer += data.toString()));
    socket.on("error", end).on("close", end);
    socket.write(text);
  });
}

const plain = (port: number, text: string | Buffer) => said(connect(port, "127.0.0.1"), text);

async function captureClientHello(): Promise<Buffer> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const client = connectTls({ port: (server.address() as AddressInfo).port, ALPNProtocols: ["h2"] }).on(
    "error",
    () => {},
  );
  const [socket] = (await once(server, "connection")) as [Socket];
  const [data] = (await once(socket, "data")) as [Buffer];
  socket.destroy();
  client.destroy();
  server.close();
  return data;
}

function tls(port: number, text: string, alpn: readonly string[], who?: Credentials): Promise<string> {
  const identity = who && { cert: who.certificate, key: who.privateKey };
  return said(connectTls({ port, ALPNProtocols: [...alpn], rejectUnauthorized: false, ...identity }), text);
}

const identity = expect.stringMatching(/^(?!.*forged).*URI=spiffe:\/\/cluster\.local\/ns\/default\/sa\/caller/);

describe("PERMISSIVE", () => {
  beforeAll(() => start("PERMISSIVE"));
  afterAll(stop);

  it("takes HTTP in plaintext, and nobody's word for who is calling", async () => {
    expect(await plain(http, get)).toBe("nobody");
    expect(await plain(detected, get)).toBe("nobody");
    expect(await plain(unnamed, get)).toBe("nobody");
  });

  it("takes mesh mTLS on the same ports, and tells the app who called", async () => {
    expect(await tls(http, get, meshAlpnHttp1, caller)).toEqual(identity);
    expect(await tls(detected, get, meshAlpnHttp1, caller)).toEqual(identity);
    expect(await tls(unnamed, get, meshAlpnHttp1, caller)).toEqual(identity);
  });

  it("carries TCP in plaintext, in mesh mTLS, and with the app's own TLS", async () => {
    for (const port of [tcp, detected, unnamed]) {
      expect(await plain(port, "hello\n")).toBe("tcp hello");
      expect(await tls(port, "hello\n", meshAlpnTcp, caller)).toBe("tcp hello");
      expect(await plain(port, clientHello)).toBe("tls");
    }
  });

  it("refuses mesh mTLS without a certificate of the mesh", async () => {
    expect(await tls(http, get, meshAlpnHttp1)).toBe("closed");
    expect(await tls(http, get, meshAlpnHttp1, stranger)).toBe("closed");
  });
});

describe("STRICT", () => {
  beforeAll(() => start("STRICT"));
  afterAll(stop);

  it("closes plaintext on every port, also on those that no service names", async () => {
    for (const port of [http, tcp, detected, unnamed]) {
      expect(await plain(port, get)).toBe("closed");
      expect(await plain(port, "hello\n")).toBe("closed");
    }
  });

  it("refuses TLS without a certificate of the mesh, whatever it calls itself", async () => {
    for (const port of [http, tcp, detected, unnamed]) {
      expect(await tls(port, get, meshAlpnHttp1)).toBe("closed");
      expect(await tls(port, get, ["h2"])).toBe("closed");
      expect(await tls(port, get, meshAlpnHttp1, stranger)).toBe("closed");
    }
  });

  it("takes mesh mTLS", async () => {
    expect(await tls(http, get, meshAlpnHttp1, caller)).toEqual(identity);
    expect(await tls(detected, get, meshAlpnHttp1, caller)).toEqual(identity);
    expect(await tls(tcp, "hello\n", meshAlpnTcp, caller)).toBe("tcp hello");
    expect(await tls(unnamed, "hello\n", meshAlpnTcp, caller)).toBe("tcp hello");
  });
});

describe("DISABLE", () => {
  beforeAll(() => start("DISABLE"));
  afterAll(stop);

  it("takes plaintext and ends no TLS", async () => {
    expect(await plain(http, get)).toBe("nobody");
    expect(await plain(tcp, "hello\n")).toBe("tcp hello");
    expect(await plain(tcp, clientHello)).toBe("tls");
    expect(await tls(http, get, meshAlpnHttp1, caller)).toBe("closed");
  });
});
