import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { KeyRing } from "../src/ca/index.ts";
import { credentialsOf, openTestAuthority } from "./harness/credentials.ts";
import { echoPod, meshForSuite, waitFor, type Summary } from "./harness/index.ts";

const folder = mkdtempSync(join(tmpdir(), "heddle-credential-"));
const outside = { address: "10.244.0.1", plain: 9311, tls: 9312 };

const object = (apiVersion: string, kind: string, name: string, more: object): string =>
  `---\n${JSON.stringify({ apiVersion, kind, metadata: { name, namespace: "default" }, ...more })}\n`;

/** The apps speak plain HTTP to port 80; the partner takes TLS only, and only those whose certificate its CA has signed. */
const bank = object("networking.istio.io/v1", "ServiceEntry", "bank", {
  spec: {
    hosts: ["bank.example"],
    addresses: ["192.0.2.40"],
    location: "MESH_EXTERNAL",
    resolution: "STATIC",
    ports: [{ number: 80, name: "http", protocol: "HTTP" }],
    endpoints: [{ address: outside.address, ports: { http: outside.tls } }],
  },
});

const rule = (tls: object, selector: object = { workloadSelector: { matchLabels: { app: "client" } } }): string =>
  object("networking.istio.io/v1", "DestinationRule", "bank", {
    spec: {
      host: "bank.example",
      ...selector,
      trafficPolicy: {
        tls: { sni: "bank.example", subjectAltNames: ["bank.example"], ...tls },
        connectionPool: { http: { maxRequestsPerConnection: 1 } }, // each request shows the certificate of its time
      },
    },
  });

const mesh = meshForSuite({ yaml: [echoPod({ name: "client" }), echoPod({ name: "other" }), bank].join("") });

let partner: KeyRing;
beforeAll(async () => {
  partner = await openTestAuthority(join(folder, "ca"));
  const { certificateChain, privateKey } = await partner.issueServer(["bank.example"], [], 3_600_000);
  await mesh().startOutside(outside.plain, {
    TLS_PORT: `${outside.tls}`,
    TLS_CERT: certificateChain,
    TLS_KEY: privateKey,
    TLS_CA: partner.bundle(),
  });
});
afterAll(() => rmSync(folder, { recursive: true }));

async function secretYaml(account: string, name = "bank"): Promise<string> {
  const { certificate, privateKey, roots } = await credentialsOf(partner, account);
  const stringData = { "tls.crt": certificate, "tls.key": privateKey, "ca.crt": roots };
  return object("v1", "Secret", name, { type: "kubernetes.io/tls", stringData });
}

const named = (account: string): string => `URI:spiffe://cluster.local/ns/default/sa/${account}`;
const call = (pod = "client", count = 1): Promise<Summary> => mesh().request(pod, "http://bank.example/x", { count });
const callerIn = ({ answers }: Summary): unknown => answers[0]?.body?.caller;

it("MUTUAL: the selected workload shows the certificate of a Secret, and knows the partner by its roots", async () => {
  await mesh().replacePolicy((await secretYaml("one")) + rule({ mode: "MUTUAL", credentialName: "bank" }));
  const answer = await waitFor("the Secret", async () => {
    const found = await call();
    return found.ok === 1 && found;
  });
  expect(callerIn(answer)).toBe(named("one"));
});

it("rotation: the next connection shows the new certificate, and no request fails", async () => {
  const load = mesh().startLoad("client", "http://bank.example/x", { ratePerSecond: 50 });
  await mesh().applyPolicy(await secretYaml("two"));
  await waitFor("the new certificate", async () => callerIn(await call()) === named("two"));
  expect(await load.stop()).toMatchObject({ failed: 0 });
});

it("the key is shown to nobody", async () => {
  const { out } = await mesh().heddle(["config", "client.default", "--output", "json"]);
  expect(out).toContain("kubernetes://bank");
  const dump = JSON.stringify(await mesh().configDump("client"));
  const log = await mesh().heddle(["status", "--output", "json"]);
  for (const text of [out, dump, log.out]) expect(text).not.toContain("PRIVATE KEY");
});

it("a workload that the rule does not select gets nothing of it", async () => {
  const { out } = await mesh().heddle(["config", "other.default", "--output", "json"]);
  expect(out).not.toContain("kubernetes://bank");
  expect((await call("other")).ok).toBe(0);
});

it("SIMPLE: the partner's roots, and no certificate: this one asks for one", async () => {
  await mesh().applyPolicy(rule({ mode: "SIMPLE", credentialName: "bank" }));
  await waitFor("the new rule", async () => (await call()).byStatus[503] === 1);
});

it.each([
  ["of another namespace", { mode: "MUTUAL", credentialName: "other/bank" }],
  ["that is not there", { mode: "MUTUAL", credentialName: "nobody" }],
])("a Secret %s is not had: nothing is sent, in plaintext neither, and all else goes on", async (_which, tls) => {
  await mesh().applyPolicy(rule(tls));
  expect(await call("client", 3)).toMatchObject({ byStatus: { 503: 3 } });
  await mesh().applyPolicy((await secretYaml("late", "nobody")) + rule({ mode: "MUTUAL", credentialName: "nobody" }));
  const answer = await waitFor("the Secret", async () => {
    const found = await call();
    return found.ok === 1 && found;
  });
  expect(callerIn(answer)).toBe(named("late"));
  await mesh().replacePolicy();
});

it("without a workloadSelector sidecars heed it not", async () => {
  await mesh().replacePolicy((await secretYaml("one")) + rule({ mode: "MUTUAL", credentialName: "bank" }, {}));
  expect(await call("client", 3)).toMatchObject({ byStatus: { 503: 3 } });
});
