import "reflect-metadata"; // @peculiar/x509 asks for it when it loads
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { KeyRing } from "../src/ca/index.ts";
import { credentialsOf, openTestAuthority } from "./harness/credentials.ts";
import { echoPod, echoService, gatewayPod, meshForSuite, waitFor } from "./harness/index.ts";
import { converse } from "./harness/probe.ts";
import { revocationList } from "./harness/revocation.ts";

const folder = mkdtempSync(join(tmpdir(), "heddle-revocation-"));
afterAll(() => rmSync(folder, { recursive: true }));

const mesh = meshForSuite({
  yaml: [
    gatewayPod({ name: "edge" }),
    echoPod({ name: "cart" }),
    echoService({ name: "cart", ports: { http: [80, 8080] } }),
  ].join(""),
});

let authority: KeyRing;
beforeAll(async () => {
  authority = await openTestAuthority(join(folder, "ca"));
});

const host = "list.example.com";
const served = `---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: edge }
spec:
  selector: { istio: ingressgateway }
  servers:
    - port: { number: 443, name: https, protocol: HTTPS }
      hosts: [${host}]
      tls: { mode: MUTUAL, credentialName: list }
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: all }
spec:
  hosts: [${host}]
  gateways: [edge]
  http: [{ route: [{ destination: { host: cart, port: { number: 80 } } }] }]
`;

/** The gateway's Secret, with this list of certificates that count no more. */
async function secretWith(list?: string): Promise<string> {
  const { certificateChain, privateKey } = await authority.issueServer([host], [], 3_600_000);
  const stringData = { "tls.crt": certificateChain, "tls.key": privateKey, "ca.crt": authority.bundle() };
  return `---\n${JSON.stringify({
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "list", namespace: "default" },
    type: "kubernetes.io/tls",
    stringData: { ...stringData, ...(list !== undefined && { "ca.crl": list }) },
  })}\n`;
}

/** What a client hears that shows a certificate: nothing where it is refused. */
async function heard(pair: { cert: string; key: string }): Promise<string> {
  const send = `GET / HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`;
  const to = { host: mesh().addressOf("edge"), port: 443, servername: host, ca: authority.bundle() };
  return (await converse(mesh(), "edge", { ...to, send, ...pair })).received;
}

const ok = expect.stringMatching(/^HTTP\/1\.1 200/) as unknown;

it("the list of a Secret says who counts no more; one that is none is refused, and changes nothing", async () => {
  const pairOf = async (account: string) => {
    const { certificate: cert, privateKey: key } = await credentialsOf(authority, account);
    return { cert, key };
  };
  const [bank, shop] = [await pairOf("bank"), await pairOf("shop")];
  await mesh().replacePolicy((await secretWith()) + served);
  await waitFor("the gateway", async () => (await heard(shop)).startsWith("HTTP/1.1 200"));

  await expect(mesh().applyPolicy(await secretWith(shop.cert))).rejects.toThrow(
    /HED216 Secret default\/list stringData\.ca\.crl: there is no revocation list in PEM \(BEGIN X509 CRL\), but a CERTIFICATE/,
  );
  expect(await heard(shop)).toEqual(ok);

  await mesh().applyPolicy(await secretWith(await revocationList(join(folder, "ca"), shop.cert)));
  await waitFor("the list", async () => (await heard(shop)) === "");
  expect(await heard(bank)).toEqual(ok);
});
