import { chmodSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { KeyRing, ServerCertificate } from "../src/ca/index.ts";
import { openTestAuthority } from "./harness/credentials.ts";
import {
  echoPod,
  echoService,
  expectNoRejections,
  gatewayPod,
  startMesh,
  waitFor,
  type RequestOptions,
  type TestMesh,
} from "./harness/index.ts";
import { converse, type Heard } from "./harness/probe.ts";

const folder = mkdtempSync(join(tmpdir(), "heddle-gateway-"));
chmodSync(folder, 0o755); // Envoy reads certificates here, as its own user
afterAll(() => rmSync(folder, { recursive: true }));

let authority: KeyRing;
beforeAll(async () => {
  authority = await openTestAuthority(join(folder, "ca"));
});

const object = (apiVersion: string, kind: string, name: string, more: object): string =>
  `---\n${JSON.stringify({ apiVersion, kind, metadata: { name, namespace: "default" }, ...more })}\n`;
const networking = (kind: string, name: string, spec: object): string =>
  object("networking.istio.io/v1", kind, name, { spec });
const gateway = (...servers: object[]): string =>
  networking("Gateway", "edge", { selector: { istio: "ingressgateway" }, servers });
const host = "one.example.com";
const https = (tls: object): object => ({
  port: { number: 443, name: "https", protocol: "HTTPS" },
  hosts: [host],
  tls,
});
const routes = (to: string): string =>
  networking("VirtualService", "all", {
    hosts: [host],
    gateways: ["edge"],
    http: [{ route: [{ destination: { host: to, port: { number: 80 } } }] }],
  });

/** For the host, and for a name by which certificates are told apart. */
function issue(name: string): Promise<ServerCertificate> {
  return authority.issueServer([host, name], [], 3_600_000);
}

function secretOf({ certificateChain, privateKey }: ServerCertificate): string {
  const stringData = { "tls.crt": certificateChain, "tls.key": privateKey };
  return object("v1", "Secret", "one", { type: "kubernetes.io/tls", stringData });
}

/** Both files anew, each whole or not at all. */
function writeFiles(name: string, { certificateChain, privateKey }: ServerCertificate): object {
  const write = (file: string, text: string): string => {
    const path = join(folder, `${name}.${file}`);
    writeFileSync(`${path}.draft`, text, { mode: 0o644 });
    renameSync(`${path}.draft`, path);
    return path;
  };
  const key = write("key", privateKey);
  return { mode: "SIMPLE", serverCertificate: write("crt", certificateChain), privateKey: key };
}

describe.each([["DELTA_GRPC"], ["GRPC"]] as const)("a gateway over %s", (protocol) => {
  let mesh: TestMesh;
  beforeAll(async () => {
    const own = await issue("own");
    const env = { TLS_PORT: 8443, TLS_CERT: own.certificateChain, TLS_KEY: own.privateKey };
    mesh = await startMesh({
      protocol,
      yaml: [
        gatewayPod({ name: "edge" }),
        echoPod({ name: "cart", env }),
        echoService({ name: "cart", ports: { http: [80, 8080], tls: [8443] } }),
        echoPod({ name: "stock" }),
        echoService({ name: "stock" }),
      ].join(""),
    });
  });
  afterAll(async () => {
    await expectNoRejections(mesh).finally(() => mesh.close());
  });

  const address = (): string => mesh.addressOf("edge");
  const send = `GET / HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`;
  /** Over TLS, from the gateway's own machine: nothing stands between. */
  const ask = (servername = host): Promise<Heard> =>
    converse(mesh, "edge", { host: address(), port: 443, servername, ca: authority.bundle(), send });
  const service = async (): Promise<unknown> => /"service":"(\w+)"/.exec((await ask()).received)?.[1];
  const shows = (name: string): Promise<true> =>
    waitFor(`the certificate of ${name}`, async () => ((await ask()).subject ?? "").includes(name));

  it("routes follow policy", async () => {
    await mesh.replacePolicy(
      secretOf(await issue("first")) + gateway(https({ mode: "SIMPLE", credentialName: "one" })) + routes("cart"),
    );
    await waitFor("the gateway", async () => (await service()) === "cart");
    await mesh.applyPolicy(routes("stock"));
    expect(await service()).toBe("stock");
  });

  it("a credential that rotates fails no request, and new connections have the new one", async () => {
    await mesh.replacePolicy(
      secretOf(await issue("first")) + gateway(https({ mode: "SIMPLE", credentialName: "one" })) + routes("cart"),
    );
    await shows("first");
    const options: RequestOptions = {
      headers: { host },
      ratePerSecond: 40,
      keepAlive: false,
      ca: authority.bundle(),
      servername: host,
    };
    const load = mesh.startLoad("edge", `https://${address()}/`, options);
    for (const name of ["second", "third", "fourth"]) {
      await mesh.applyPolicy(secretOf(await issue(name)));
      await shows(name);
    }
    const { count, failed, errors } = await load.stop();
    expect({ failed, errors }).toEqual({ failed: 0, errors: {} });
    expect(count).toBeGreaterThan(20);
  });

  it("certificates in files of its machine are shown, and read again when they change", async () => {
    const name = `files-${protocol}`;
    await mesh.replacePolicy(gateway(https(writeFiles(name, await issue("first")))) + routes("cart"));
    await shows("first");
    writeFiles(name, await issue("second"));
    await shows("second");
    expect(await service()).toBe("cart");
  });

  it("bind: a server listens on its address and on no other", async () => {
    const port = { number: 8090, name: "http", protocol: "HTTP" };
    await mesh.replacePolicy(gateway({ port, hosts: [host], bind: "127.0.0.1" }) + routes("cart"));
    const at = async (where: string) => {
      const { answers } = await mesh.request("edge", `http://${where}:8090/`, { headers: { host } });
      return answers[0]?.body?.service ?? answers[0]?.error;
    };
    await waitFor("the listener", async () => (await at("127.0.0.1")) === "cart");
    expect(await at(address())).toBe("ECONNREFUSED");
  });

  it("PASSTHROUGH: TLS is passed on unopened by its name, and names of nobody are refused", async () => {
    const port = { number: 443, name: "tls", protocol: "TLS" };
    await mesh.replacePolicy(
      gateway({ port, hosts: ["*.example.com"], tls: { mode: "PASSTHROUGH" } }) +
        networking("VirtualService", "own", {
          hosts: [host],
          gateways: ["edge"],
          tls: [
            {
              match: [{ port: 443, sniHosts: [host] }],
              route: [{ destination: { host: "cart", port: { number: 8443 } } }],
            },
          ],
        }),
    );
    await shows("own"); // the app's own certificate
    expect(await service()).toBe("cart");
    expect(await ask("two.example.com")).toMatchObject({ received: "" });
  });
});
