import "reflect-metadata"; // @peculiar/x509 asks for it when it loads
import { createHash, webcrypto, X509Certificate } from "node:crypto";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SubjectAlternativeNameExtension, X509CertificateGenerator } from "@peculiar/x509";
import type { KeyRing, ServerCertificate } from "../src/ca/index.ts";
import { credentialsOf, openTestAuthority } from "./harness/credentials.ts";
import { echoPod, echoService, gatewayPod, meshForSuite, waitFor } from "./harness/index.ts";
import { converse, type Conversation, type Heard } from "./harness/probe.ts";
import { revocationList } from "./harness/revocation.ts";

const folder = mkdtempSync(join(tmpdir(), "heddle-gateway-"));
chmodSync(folder, 0o755); // Envoy reads certificates here, as its own user
afterAll(() => rmSync(folder, { recursive: true }));

const mesh = meshForSuite({
  yaml: [
    gatewayPod({ name: "edge" }),
    gatewayPod({ name: "west", istio: "eastwest" }),
    echoPod({ name: "cart", env: { TCP_PORT: 9000 } }),
    echoService({ name: "cart", ports: { http: [80, 8080], tcp: [9000] } }),
    echoPod({ name: "client" }),
  ].join(""),
});

const object = (apiVersion: string, kind: string, name: string, more: object): string =>
  `---\n${JSON.stringify({ apiVersion, kind, metadata: { name, namespace: "default" }, ...more })}\n`;
const networking = (kind: string, name: string, spec: object): string =>
  object("networking.istio.io/v1", kind, name, { spec });
const gateway = (servers: object[], istio = "ingressgateway"): string =>
  networking("Gateway", "edge", { selector: { istio }, servers });
const https = (name: string, tls: object, protocol = "HTTPS", number = 443): object => ({
  port: { number, name, protocol },
  hosts: [`${name}.example.com`],
  tls,
});
const routes = networking("VirtualService", "all", {
  hosts: ["*.example.com"],
  gateways: ["edge"],
  http: [{ route: [{ destination: { host: "cart", port: { number: 80 } } }] }],
  tcp: [{ route: [{ destination: { host: "cart", port: { number: 9000 } } }] }],
});

let authority: KeyRing;
let other: KeyRing;
beforeAll(async () => {
  authority = await openTestAuthority(join(folder, "ca"));
  other = await openTestAuthority(join(folder, "other"));
});

async function secretYaml(name: string, dnsName: string, more: object = {}): Promise<string> {
  const { certificateChain, privateKey } = await authority.issueServer([dnsName], [], 3_600_000);
  return object("v1", "Secret", name, {
    type: "kubernetes.io/tls",
    stringData: { "tls.crt": certificateChain, "tls.key": privateKey, ...more },
  });
}

/** What a client shows: of a workload of this account, signed by one of the two. */
async function pairOf(from: KeyRing, account: string): Promise<{ cert: string; key: string }> {
  const { certificate: cert, privateKey: key } = await credentialsOf(from, account);
  return { cert, key };
}

type KeyPair = Pick<ServerCertificate, "certificateChain" | "privateKey">;

/** Signed by itself, with a key of the other kind than the CA gives out. */
async function rsaCertificate(dnsNames: readonly string[]): Promise<KeyPair> {
  const algorithm = { name: "RSASSA-PKCS1-v1_5", modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) };
  const signingAlgorithm = { ...algorithm, hash: "SHA-256" };
  const keys = await webcrypto.subtle.generateKey(signingAlgorithm, true, ["sign", "verify"]);
  const extensions = [new SubjectAlternativeNameExtension(dnsNames.map((value) => ({ type: "dns", value })))];
  const certificate = await X509CertificateGenerator.createSelfSigned({ keys, signingAlgorithm, extensions });
  const der = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", keys.privateKey)).toString("base64");
  const privateKey = `-----BEGIN PRIVATE KEY-----\n${der.replaceAll(/.{64}/g, "$&\n")}\n-----END PRIVATE KEY-----\n`;
  return { certificateChain: certificate.toString("pem"), privateKey };
}

/** The path of a file of the gateway's machine. */
function writeFile(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text, { mode: 0o644 });
  return path;
}

function writeCertificate(name: string, of: KeyPair): { serverCertificate: string; privateKey: string } {
  const serverCertificate = writeFile(`${name}.crt`, of.certificateChain);
  return { serverCertificate, privateKey: writeFile(`${name}.key`, of.privateKey) };
}

/** HTTP over TLS, from the gateway's own machine: nothing stands between. */
function ask(name: string, more: Partial<Conversation> = {}, pod = "edge"): Promise<Heard> {
  const servername = `${name}.example.com`;
  return converse(mesh(), "edge", {
    host: mesh().addressOf(pod),
    port: 443,
    servername,
    ca: authority.bundle(),
    send: `GET / HTTP/1.1\r\nhost: ${servername}\r\nconnection: close\r\n\r\n`,
    ...more,
  });
}

const ok = expect.stringMatching(/^HTTP\/1\.1 200/) as unknown as string;
const refused = expect.objectContaining({ received: "" }) as unknown;

it("SIMPLE: each name has its certificate, versions and ciphers are as told, and names of nobody are refused", async () => {
  await mesh().replacePolicy(
    (await secretYaml("one", "one.example.com")) +
      (await secretYaml("two", "two.example.com")) +
      gateway([
        https("one", { mode: "SIMPLE", credentialName: "one", minProtocolVersion: "TLSV1_3" }),
        https("two", {
          mode: "SIMPLE",
          credentialName: "two",
          maxProtocolVersion: "TLSV1_2",
          cipherSuites: ["ECDHE-ECDSA-AES256-GCM-SHA384"],
        }),
      ]) +
      routes,
  );
  await waitFor("the gateway", async () => (await ask("one")).received.startsWith("HTTP/1.1 200"));
  expect(await ask("one")).toMatchObject({ received: ok, subject: "DNS:one.example.com", protocol: "TLSv1.3" });
  expect(await ask("two")).toMatchObject({
    received: ok,
    subject: "DNS:two.example.com",
    protocol: "TLSv1.2",
    cipher: "ECDHE-ECDSA-AES256-GCM-SHA384",
  });
  expect(await ask("one", { maxVersion: "TLSv1.2" })).toEqual(refused);
  expect(await ask("two", { ciphers: "ECDHE-ECDSA-AES128-GCM-SHA256", maxVersion: "TLSv1.2" })).toEqual(refused);
  expect(await ask("three")).toEqual(refused);
});

it("a redirect of what came over TLS names no port that TLS implies, and any other", async () => {
  const redirect = (path: string, more: object): object => ({
    match: [{ uri: { exact: path } }],
    redirect: { authority: "other.example.com", ...more },
  });
  await mesh().replacePolicy(
    (await secretYaml("one", "one.example.com")) +
      gateway([https("one", { mode: "SIMPLE", credentialName: "one" })]) +
      networking("VirtualService", "redirects", {
        hosts: ["one.example.com"],
        gateways: ["edge"],
        http: [
          redirect("/same", { derivePort: "FROM_REQUEST_PORT" }),
          redirect("/80", { port: 80 }),
          redirect("/443", { port: 443 }),
          redirect("/plain", { port: 80, scheme: "http" }),
        ],
      }),
  );
  const location = async (path: string): Promise<string | undefined> => {
    const { received } = await ask("one", {
      send: `GET ${path} HTTP/1.1\r\nhost: one.example.com\r\nconnection: close\r\n\r\n`,
    });
    return /^location: (\S+)/m.exec(received)?.[1];
  };
  await waitFor("the gateway", async () => (await location("/443")) !== undefined);
  expect(await location("/same")).toBe("https://other.example.com/same");
  expect(await location("/443")).toBe("https://other.example.com/443");
  expect(await location("/80")).toBe("https://other.example.com:80/80");
  expect(await location("/plain")).toBe("http://other.example.com/plain");
});

it("a secret that is not there leaves its server out, and no other", async () => {
  await mesh().replacePolicy(
    (await secretYaml("one", "one.example.com")) +
      gateway([
        https("one", { mode: "SIMPLE", credentialName: "one" }),
        https("two", { mode: "SIMPLE", credentialName: "two" }),
      ]) +
      routes,
  );
  expect(await ask("one")).toMatchObject({ received: ok });
  expect(await ask("two")).toEqual(refused);
  const told =
    "edge.default: not served: Gateway default/edge servers[1]: the Secret default/two is not there, or not valid";
  expect((await mesh().heddle(["status"])).out.split("\n")).toContain(told);
  await mesh().applyPolicy(await secretYaml("two", "two.example.com"));
  expect(await ask("two")).toMatchObject({ received: ok });
  expect((await mesh().heddle(["status"])).out).not.toContain("not served");
});

it("rotation: the next connection has the new certificate, no request fails, and no key is shown", async () => {
  await mesh().applyPolicy(await secretYaml("one", "old.example.com"));
  await waitFor("the old certificate", async () => (await ask("one")).subject === "DNS:old.example.com");
  await mesh().applyPolicy(await secretYaml("one", "new.example.com"));
  const heard = await waitFor("the new certificate", async () => {
    const answer = await ask("one");
    expect(answer.received).toEqual(ok);
    return answer.subject === "DNS:new.example.com" && answer;
  });
  expect(heard.received).toEqual(ok);
  const { out } = await mesh().heddle(["config", "edge.default", "--output", "json"]);
  expect(out).toContain("kubernetes://default/one");
  expect(out).not.toContain("PRIVATE KEY");
});

it("MUTUAL and OPTIONAL_MUTUAL: who must show a certificate, and whose counts", async () => {
  const roots = { "ca.crt": authority.bundle() };
  await mesh().replacePolicy(
    (await secretYaml("both", "both.example.com", roots)) +
      gateway([
        https("must", { mode: "MUTUAL", credentialName: "both" }),
        https("may", { mode: "OPTIONAL_MUTUAL", credentialName: "both" }),
        https("named", {
          mode: "MUTUAL",
          credentialName: "both",
          subjectAltNames: ["spiffe://cluster.local/ns/default/sa/bank"],
        }),
      ]) +
      routes,
  );
  const [bank, shop, stranger] = [
    await pairOf(authority, "bank"),
    await pairOf(authority, "shop"),
    await pairOf(other, "bank"),
  ];
  expect(await ask("must", shop)).toMatchObject({ received: ok });
  expect(await ask("must")).toEqual(refused);
  expect(await ask("must", stranger)).toEqual(refused);
  expect(await ask("may")).toMatchObject({ received: ok });
  expect(await ask("may", stranger)).toEqual(refused);
  expect(await ask("named", bank)).toMatchObject({ received: ok });
  expect(await ask("named", shop)).toEqual(refused);
});

it("MUTUAL: the roots of a Secret of their own count, not those beside the certificate", async () => {
  await mesh().replacePolicy(
    (await secretYaml("one", "one.example.com", { "ca.crt": authority.bundle() })) +
      object("v1", "Secret", "clients", { type: "Opaque", stringData: { "ca.crt": other.bundle() } }) +
      gateway([https("one", { mode: "MUTUAL", credentialName: "one", caCertCredentialName: "clients" })]) +
      routes,
  );
  const stranger = await pairOf(other, "bank");
  await waitFor("the gateway", async () => (await ask("one", stranger)).received.startsWith("HTTP/1.1 200"));
  expect(await ask("one", await pairOf(authority, "bank"))).toEqual(refused);
});

it("MUTUAL: of certificates that the roots signed, only those count whose hash or key is told", async () => {
  const [bank, shop] = [await pairOf(authority, "bank"), await pairOf(authority, "shop")];
  const { fingerprint256, publicKey } = new X509Certificate(bank.cert);
  const key = createHash("sha256").update(publicKey.export({ type: "spki", format: "der" }));
  const mutual = { mode: "MUTUAL", credentialName: "both" };
  await mesh().replacePolicy(
    (await secretYaml("both", "both.example.com", { "ca.crt": authority.bundle() })) +
      gateway([
        https("hash", { ...mutual, verifyCertificateHash: [fingerprint256] }),
        https("key", { ...mutual, verifyCertificateSpki: [key.digest("base64")] }),
      ]) +
      routes,
  );
  for (const name of ["hash", "key"]) {
    await waitFor(`the gateway of ${name}`, async () => (await ask(name, bank)).received.startsWith("HTTP/1.1 200"));
    expect(await ask(name, shop)).toEqual(refused);
  }
});

it("MUTUAL with files: whom the roots signed is taken, unless the list of the revoked names them", async () => {
  const [bank, shop] = [await pairOf(authority, "bank"), await pairOf(authority, "shop")];
  const own = writeCertificate("own", await authority.issueServer(["own.example.com"], [], 3_600_000));
  const caCertificates = writeFile("roots.pem", authority.bundle());
  const caCrl = writeFile("revoked.pem", await revocationList(join(folder, "ca"), shop.cert));
  await mesh().replacePolicy(
    gateway([
      https("all", { mode: "MUTUAL", ...own, caCertificates }),
      https("kept", { mode: "MUTUAL", ...own, caCertificates, caCrl }),
    ]) + routes,
  );
  await waitFor("the gateway", async () => (await ask("all", shop)).received.startsWith("HTTP/1.1 200"));
  expect(await ask("all", await pairOf(other, "bank"))).toEqual(refused);
  expect(await ask("kept", bank)).toMatchObject({ received: ok });
  expect(await ask("kept", shop)).toEqual(refused);
});

describe("certificates of two kinds, of which a client is shown the one that it can verify", () => {
  const names = (kind: string): string[] => ["both.example.com", `${kind}.example.com`]; // of others Envoy tries the first only
  let rsa: KeyPair;
  let ecdsa: KeyPair;
  beforeAll(async () => {
    rsa = await rsaCertificate(names("rsa"));
    ecdsa = await authority.issueServer(names("ecdsa"), [], 3_600_000);
  });

  async function expectBoth(): Promise<void> {
    const ca = `${authority.bundle()}\n${rsa.certificateChain}`;
    const shown = (kind: string): Promise<Heard> =>
      ask("both", { ca, maxVersion: "TLSv1.2", ciphers: `ECDHE-${kind}-AES128-GCM-SHA256` });
    const subject = (kind: string): string => `DNS:${names(kind).join(", DNS:")}`;
    await waitFor("the gateway", async () => (await shown("ECDSA")).received.startsWith("HTTP/1.1 200"));
    expect(await shown("ECDSA")).toMatchObject({ received: ok, subject: subject("ecdsa") });
    expect(await shown("RSA")).toMatchObject({ received: ok, subject: subject("rsa") });
  }

  it("from Secrets", async () => {
    const secretOf = (name: string, { certificateChain, privateKey }: KeyPair): string =>
      object("v1", "Secret", name, {
        type: "kubernetes.io/tls",
        stringData: { "tls.crt": certificateChain, "tls.key": privateKey },
      });
    const tls = { mode: "SIMPLE", credentialNames: ["rsa", "ecdsa"] };
    await mesh().replacePolicy(
      secretOf("rsa", rsa) + secretOf("ecdsa", ecdsa) + gateway([https("both", tls)]) + routes,
    );
    await expectBoth();
  });

  it("from files", async () => {
    const { serverCertificate, privateKey } = writeCertificate("rsa", rsa);
    const tlsCertificates = [{ serverCertificate, privateKey }, writeCertificate("ecdsa", ecdsa)];
    await mesh().replacePolicy(gateway([https("both", { mode: "SIMPLE", tlsCertificates })]) + routes);
    await expectBoth();
  });
});

it("TLS around bytes that are not HTTP is ended, and the bytes go where the tcp rule says", async () => {
  await mesh().replacePolicy(
    (await secretYaml("one", "one.example.com")) +
      gateway([https("one", { mode: "SIMPLE", credentialName: "one" }, "TLS")]) +
      routes,
  );
  const { received } = await ask("one", { send: "hello", until: "hello" });
  expect(received).toContain("hello");
});
