import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { KeyRing } from "../src/ca/index.ts";
import { credentialsOf, openTestAuthority } from "./harness/credentials.ts";
import { echoPod, echoService, gatewayPod, meshForSuite, waitFor } from "./harness/index.ts";
import { converse, type Conversation, type Heard } from "./harness/probe.ts";

const folder = mkdtempSync(join(tmpdir(), "heddle-gateway-"));
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
  const told = "edge.default: not served: Gateway default/edge servers[1]: the Secret default/two is not there";
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
  const pair = async (from: KeyRing, account: string) => {
    const { certificate: cert, privateKey: key } = await credentialsOf(from, account);
    return { cert, key };
  };
  const [bank, shop, stranger] = [
    await pair(authority, "bank"),
    await pair(authority, "shop"),
    await pair(other, "bank"),
  ];
  expect(await ask("must", shop)).toMatchObject({ received: ok });
  expect(await ask("must")).toEqual(refused);
  expect(await ask("must", stranger)).toEqual(refused);
  expect(await ask("may")).toMatchObject({ received: ok });
  expect(await ask("may", stranger)).toEqual(refused);
  expect(await ask("named", bank)).toMatchObject({ received: ok });
  expect(await ask("named", shop)).toEqual(refused);
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
