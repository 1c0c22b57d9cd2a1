import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { credentialsOf, openTestAuthority } from "./harness/credentials.ts";
import { echoPod, meshForSuite, type Summary } from "./harness/index.ts";

const folder = mkdtempSync(join(tmpdir(), "heddle-tls-"));
const roots = join(folder, "roots.pem");
const outside = { address: "10.244.0.1", plain: 9301, tls: 9302 };
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

const mesh = meshForSuite({ yaml: [echoPod({ name: "client" }), bank("STATIC")].join("") });

beforeAll(async () => {
  const own = await credentialsOf(await openTestAuthority(join(folder, "ca")), "bank");
  chmodSync(folder, 0o755); // Envoy is another user
  writeFileSync(roots, own.roots, { mode: 0o644 });
  await mesh().startOutside(outside.plain, {
    TLS_PORT: `${outside.tls}`,
    TLS_CERT: own.certificate,
    TLS_KEY: own.privateKey,
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
