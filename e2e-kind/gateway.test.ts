import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "node:tls";
import type { KeyRing } from "../src/ca/index.ts";
import { startClient, type RequestOptions } from "../e2e/harness/client.ts";
import { openTestAuthority } from "../e2e/harness/credentials.ts";
import { deploySamples, inProject, kubectl, kubectlGet, waitFor, type TestNamespace } from "./harness/index.ts";

interface Service {
  readonly spec: { readonly ports: readonly { readonly name: string; readonly nodePort: number }[] };
}

interface Nodes {
  readonly items: readonly { readonly status: { readonly addresses: readonly { type: string; address: string }[] } }[];
}

const ingress = "heddle-ingress";

/** Sends all of one host to one service of the namespace: in plain text, and under another name in TLS. */
const policy = (namespace: string): string => `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: edge, namespace: ${namespace} }
spec:
  selector: { istio: ingressgateway }
  servers:
    - port: { number: 80, name: http, protocol: HTTP }
      hosts: [links.example.com]
    - port: { number: 443, name: https, protocol: HTTPS }
      hosts: [shop.example.com]
      tls: { mode: SIMPLE, credentialName: shop }
    - port: { number: 443, name: https-other, protocol: HTTPS }
      hosts: [other.example.com]
      tls: { mode: SIMPLE, credentialName: other }
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: edge, namespace: ${namespace} }
spec:
  hosts: [links.example.com, shop.example.com, other.example.com]
  gateways: [edge]
  http: [{ route: [{ destination: { host: link-service, port: { number: 8080 } } }] }]
`;

/** Of the certificate that a TLS server shows for a name: its alternative names, or why there is none to trust. */
function shownNames(host: string, port: number, servername: string, ca: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, servername, ca, timeout: 5_000 });
    socket.on("secureConnect", () => {
      resolve(socket.getPeerCertificate().subjectaltname ?? "");
      socket.destroy();
    });
    socket.on("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    socket.on("timeout", () => socket.destroy(new Error("timeout")));
  });
}

describe("the ingress gateway, from outside of the cluster", () => {
  const folder = mkdtempSync(join(tmpdir(), "heddle-kind-gateway-"));
  const ports = new Map<string, number>();
  let mesh: TestNamespace;
  let node = "";
  let authority: KeyRing;
  beforeAll(async () => {
    authority = await openTestAuthority(folder);
    mesh = await deploySamples("e2e-gateway");
    await kubectl(["apply", "-k", inProject("manifests/gateway")]);
    await kubectl(["-n", ingress, "rollout", "status", "deployment/ingressgateway", "--timeout=120s"]);
    const { spec } = await kubectlGet<Service>(["-n", ingress, "service", "ingressgateway"]);
    for (const { name, nodePort } of spec.ports) ports.set(name, nodePort);
    const { items } = await kubectlGet<Nodes>(["nodes"]);
    node = items[0]?.status.addresses.find(({ type }) => type === "InternalIP")?.address ?? "";
    await mesh.applySample("60-strict-mtls.yaml");
    await mesh.apply(policy(mesh.name));
  });
  afterAll(async () => {
    rmSync(folder, { recursive: true });
    await kubectl(["delete", "-k", inProject("manifests/gateway"), "--wait=false"]);
    await mesh.remove();
  });

  const portOf = (name: string): number => ports.get(name) ?? 0;

  async function ask(host: string): Promise<{ status: number; service?: string }> {
    const address = `${node}:${portOf("http")}`;
    const { answers } = await startClient(undefined, `http://${address}/`, { headers: { host }, count: 1 }).done;
    const [answer] = answers;
    return { status: answer?.status ?? 0, ...(answer?.body ? { service: answer.body.service } : {}) };
  }

  /** Requests to shop.example.com over TLS, which trust our CA alone, and look whether the certificate is for that name. */
  function askOverTls(options: RequestOptions): ReturnType<typeof startClient> {
    const servername = "shop.example.com";
    const tls = { ca: authority.bundle(), servername, headers: { host: servername } };
    return startClient(undefined, `https://${node}:${portOf("https")}/`, { ...tls, ...options });
  }

  const shown = (servername: string): Promise<string> =>
    shownNames(node, portOf("https"), servername, authority.bundle());

  /** The Secret of a name, as `kubectl create secret tls` makes it. */
  async function putCertificate(name: string, ...dnsNames: readonly string[]): Promise<void> {
    const { certificateChain, privateKey } = await authority.issueServer(dnsNames, [], 3_600_000);
    const data = { "tls.crt": certificateChain, "tls.key": privateKey };
    const secret = { apiVersion: "v1", kind: "Secret", metadata: { name, namespace: ingress } };
    await kubectl(["apply", "-f", "-"], JSON.stringify({ ...secret, type: "kubernetes.io/tls", stringData: data }));
  }

  test("a host of a Gateway is answered by its service, through mTLS; any other is not known", async () => {
    await waitFor("the host is answered", async () => (await ask("links.example.com")).status === 200);
    expect(await ask("links.example.com")).toEqual({ status: 200, service: "link-service" });
    expect((await ask("nobody.example.com")).status).toBe(404);
  });

  test("HTTPS: each name has the certificate of its Secret; a name without one is not served, nor is any other", async () => {
    await putCertificate("shop", "shop.example.com", "old.example.com");
    const names = "DNS:shop.example.com, DNS:old.example.com";
    await waitFor("the certificate", async () => (await shown("shop.example.com")) === names);
    const { ok, answers } = await askOverTls({ count: 20, keep: 1, keepAlive: false }).done;
    expect({ ok, service: answers[0]?.body?.service }).toEqual({ ok: 20, service: "link-service" });
    expect(await shown("other.example.com")).toBe("ECONNRESET"); // its Secret is not there
    expect(await shown("nobody.example.com")).toBe("ECONNRESET");
    await putCertificate("other", "other.example.com");
    await waitFor("the other's", async () => (await shown("other.example.com")) === "DNS:other.example.com");
    expect(await shown("shop.example.com")).toBe(names);
  });

  test("a Secret rotates under load: new connections see the new certificate, and no request fails", async () => {
    const loads = [true, false].map((keepAlive) => askOverTls({ ratePerSecond: 50, keep: 3, keepAlive }));
    try {
      for (const round of ["one", "two", "three"]) {
        await putCertificate("shop", "shop.example.com", `${round}.example.com`);
        await waitFor(`certificate ${round}`, async () => (await shown("shop.example.com")).includes(`DNS:${round}.`));
        expect((await askOverTls({ count: 50, keep: 0, keepAlive: false }).done).ok).toBe(50);
      }
    } finally {
      for (const { count, failed, errors, answers } of await Promise.all(loads.map((load) => load.stop()))) {
        const told = failed > 0 ? { errors, answers } : {};
        expect({ failed, told }).toEqual({ failed: 0, told: {} });
        expect(count).toBeGreaterThan(30); // how many it was depends on how soon the certificates came
      }
    }
  });
});
