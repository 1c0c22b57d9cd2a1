import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { credentialsOf, openTestAuthority } from "./harness/credentials.ts";
import { echoPod, meshForSuite, policy, type Summary } from "./harness/index.ts";
import { revocationList } from "./harness/revocation.ts";

const folder = mkdtempSync(join(tmpdir(), "heddle-tls-"));
const [roots = "", certificate = "", key = "", nobodyRevoked = "", serverRevoked = ""] = [
  "roots.pem",
  "certificate.pem",
  "key.pem",
  "nobody-revoked.pem",
  "server-revoked.pem",
].map((name) => join(folder, name));
const outside = { address: "10.244.0.1", plain: 9301, tls: 9302, strict: 9304 };
const identity = "spiffe://cluster.local/ns/default/sa/bank";

/** The app speaks plain HTTP to port 80; the partner has TLS only. */
const bank = (resolution: string): string => `---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: bank, namespace: default }
spec:
  hosts: [bank.example]
  addresses: [192.0.2.40]
  location: MESH_EXTERNAL
  resolution: ${resolution}
  ports: [{ number: 80, name: http, protocol: HTTP }]
  endpoints: [{ address: ${outside.address}, ports: { http: ${outside.tls} } }]
`;

/** Takes callers with a certificate only. */
const vault = policy("ServiceEntry", "vault", {
  hosts: ["vault.example"],
  addresses: ["192.0.2.41"],
  location: "MESH_EXTERNAL",
  resolution: "STATIC",
  ports: [{ number: 80, name: "http", protocol: "HTTP" }],
  endpoints: [{ address: outside.address, ports: { http: outside.strict } }],
});

const mesh = meshForSuite({ yaml: [echoPod({ name: "client" }), bank("STATIC"), vault].join("") });

beforeAll(async () => {
  const authority = await openTestAuthority(join(folder, "ca"));
  const own = await credentialsOf(authority, "bank");
  const caller = await credentialsOf(authority, "branch");
  chmodSync(folder, 0o755); // Envoy is another user
  const texts = [own.roots, caller.certificate, caller.privateKey, await revocationList(join(folder, "ca"))];
  texts.push(await revocationList(join(folder, "ca"), own.certificate));
  for (const [index, path] of [roots, certificate, key, nobodyRevoked, serverRevoked].entries())
    writeFileSync(path, texts[index] ?? "", { mode: 0o644 });
  await mesh().startOutside(outside.plain, {
    TLS_PORT: `${outside.tls}`,
    TLS_CERT: own.certificate,
    TLS_KEY: own.privateKey,
  });
  await mesh().startOutside(9303, {
    TLS_PORT: `${outside.strict}`,
    TLS_CERT: own.certificate,
    TLS_KEY: own.privateKey,
    TLS_CA: own.roots,
  });
});
afterAll(() => rmSync(folder, { recursive: true }));

async function callWith(tls: object, more = ""): Promise<Summary> {
  await mesh().replacePolicy(`---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: bank, namespace: default }
spec: { host: bank.example, trafficPolicy: { tls: ${JSON.stringify(tls)} } }
${more}`);
  return mesh().request("client", "http://bank.example/x");
}

const taken = expect.objectContaining({
  status: 200,
  body: expect.objectContaining({ version: "outside", port: outside.tls }) as unknown,
}) as unknown;

it("SIMPLE: an app's plain HTTP goes out in TLS, to a server whose name and root are known", async () => {
  const { answers } = await callWith({ mode: "SIMPLE", caCertificates: roots, subjectAltNames: [identity] });
  expect(answers).toEqual([taken]);
});

it("SIMPLE: another name, or a root that nobody knows, is refused", async () => {
  const other = { mode: "SIMPLE", caCertificates: roots, subjectAltNames: [`${identity}2`] };
  expect((await callWith(other)).byStatus).toEqual({ 503: 1 });
  expect((await callWith({ mode: "SIMPLE", sni: "bank.example", subjectAltNames: [identity] })).byStatus).toEqual({
    503: 1,
  });
});

it("SIMPLE: whoever it is, where the policy says so", async () => {
  expect((await callWith({ mode: "SIMPLE", insecureSkipVerify: true })).answers).toEqual([taken]);
});

it("DISABLE: plain, which this server does not speak", async () => {
  expect((await callWith({ mode: "DISABLE" })).ok).toBe(0);
});

describe("a server that asks for a certificate", () => {
  async function callVault(tls: object): Promise<Summary> {
    const server = { caCertificates: roots, subjectAltNames: [identity], ...tls };
    await mesh().replacePolicy(
      policy("DestinationRule", "vault", { host: "vault.example", trafficPolicy: { tls: server } }),
    );
    return mesh().request("client", "http://vault.example/");
  }
  const mutual = { mode: "MUTUAL", clientCertificate: certificate, privateKey: key };

  it("MUTUAL: is shown the one of the policy", async () => {
    expect((await callVault({ mode: "SIMPLE" })).byStatus).toEqual({ 503: 1 });
    const { answers } = await callVault(mutual);
    expect(answers[0]).toMatchObject({
      status: 200,
      body: { caller: "URI:spiffe://cluster.local/ns/default/sa/branch" },
    });
  });

  it("caCrl: its own may have been revoked", async () => {
    expect((await callVault({ ...mutual, caCrl: nobodyRevoked })).byStatus).toEqual({ 200: 1 });
    expect((await callVault({ ...mutual, caCrl: serverRevoked })).byStatus).toEqual({ 503: 1 });
  });
});
