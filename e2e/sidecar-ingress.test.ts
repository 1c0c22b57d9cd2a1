import { createHash, X509Certificate } from "node:crypto";
import { chmodSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { KeyRing } from "../src/ca/index.ts";
import { credentialsOf, openTestAuthority } from "./harness/credentials.ts";
import { converse, echoPod, echoService, meshForSuite, waitFor, type Heard } from "./harness/index.ts";
import { revocationList } from "./harness/revocation.ts";

const folder = mkdtempSync(join(tmpdir(), "heddle-ingress-"));
chmodSync(folder, 0o755); // Envoy reads certificates here, as its own user
const path = (file: string): string => join(folder, file);
let authority: KeyRing;

const mesh = meshForSuite({
  yaml: [
    echoPod({ name: "client" }),
    echoPod({ name: "server" }),
    echoService({ name: "server", ports: { http: [80, 8080], bound: [9080, 9080] } }),
  ].join(""),
});

const sidecar = (ingress: string): string => `---
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: { name: server, namespace: default }
spec:
  workloadSelector: { labels: { app: server } }
  ingress:
${ingress}`;
const disabled = `---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: { name: server, namespace: default }
spec: { selector: { matchLabels: { app: server } }, mtls: { mode: DISABLE } }
`;

beforeAll(async () => {
  authority = await openTestAuthority(join(folder, "ca"));
  const { certificateChain, privateKey } = await authority.issueServer(["server.example"], [], 3_600_000);
  writeFileSync(path("server.crt"), certificateChain, { mode: 0o644 });
  writeFileSync(path("server.key"), privateKey, { mode: 0o644 });
  writeFileSync(path("roots.crt"), authority.bundle(), { mode: 0o644 });
});
afterAll(() => rmSync(folder, { recursive: true }));

it("binds a port that iptables has no part in, and leads it to the app", async () => {
  const address = mesh().addressOf("server");
  await mesh().replacePolicy(
    sidecar(`    - port: { number: 9080, protocol: HTTP, name: http }
      bind: ${address}
      captureMode: NONE
      defaultEndpoint: 127.0.0.1:8080
`),
  );
  expect(await mesh().exec("server", ["ss", "-Hltn"])).toContain(`${address}:9080`);
  const { answers } = await mesh().request("client", "http://server:9080/");
  expect(answers[0]).toMatchObject({ status: 200, body: { service: "server", port: 8080 } });
  const taken = await mesh().envoyStats("server", `http.inbound_${address}_9080.*downstream_rq_2xx`);
  expect(Object.values(taken)).toContain(1);
});

it("binds the workload's own address where the Sidecar names none", async () => {
  await mesh().replacePolicy(
    sidecar(`    - { port: { number: 9081, protocol: HTTP }, captureMode: NONE, defaultEndpoint: "127.0.0.1:8080" }\n`),
  );
  expect(await mesh().exec("server", ["ss", "-Hltn"])).toContain(`${mesh().addressOf("server")}:9081`);
});

describe("TLS of the listener's own", () => {
  const listener = (tls: string, more = ""): string =>
    disabled +
    sidecar(`    - port: { number: 9080, protocol: HTTPS, name: https }
      defaultEndpoint: 127.0.0.1:8080
      tls:
        ${tls}
        serverCertificate: ${path("server.crt")}
        privateKey: ${path("server.key")}
        ${more}
`);
  const send = "GET / HTTP/1.1\r\nhost: server.example\r\nconnection: close\r\n\r\n";
  const ask = (more: object = {}): Promise<Heard> =>
    converse(mesh(), "client", {
      host: mesh().addressOf("server"),
      port: 9080,
      servername: "server.example",
      ca: authority.bundle(),
      send,
      ...more,
    });
  const caller = async (): Promise<{ cert: string; key: string }> => {
    const { certificate, privateKey } = await credentialsOf(authority, "caller");
    return { cert: certificate, key: privateKey };
  };
  const isServed = ({ received }: Heard): boolean => received.includes('"service":"server"');

  it("SIMPLE: of its versions and ciphers, with its certificate, and nothing in plaintext", async () => {
    await mesh().replacePolicy(
      listener(
        "mode: SIMPLE",
        "minProtocolVersion: TLSV1_2\n        maxProtocolVersion: TLSV1_2\n        cipherSuites: [ECDHE-ECDSA-AES256-GCM-SHA384]",
      ),
    );
    await waitFor("the certificate", async () => isServed(await ask()));
    const heard = await ask();
    expect(heard).toMatchObject({ protocol: "TLSv1.2", cipher: "ECDHE-ECDSA-AES256-GCM-SHA384" });
    expect(heard.subject).toContain("server.example");
    expect(isServed(await ask({ minVersion: "TLSv1.3" }))).toBe(false);
    const plain = await mesh().request("client", `http://${mesh().addressOf("server")}:9080/`);
    expect(plain.ok).toBe(0);
  });

  const hashOf = (pem: string): string => new X509Certificate(pem).fingerprint256;
  const keyOf = (pem: string): string => {
    const key = new X509Certificate(pem).publicKey.export({ type: "spki", format: "der" });
    return createHash("sha256").update(key).digest("base64");
  };
  const roots = `caCertificates: ${path("roots.crt")}`;

  it.each([
    ["certificate", (pem: string) => `verifyCertificateHash: ["${hashOf(pem)}"]`],
    ["key", (pem: string) => `verifyCertificateSpki: ["${keyOf(pem)}"]`],
  ])("MUTUAL asks for a certificate, and may ask for this very %s", async (_, pinned) => {
    const [known, other] = [await caller(), await caller()];
    await mesh().replacePolicy(listener("mode: MUTUAL", `${roots}\n        ${pinned(known.cert)}`));
    await waitFor("the certificate", async () => isServed(await ask(known)));
    expect(isServed(await ask())).toBe(false);
    expect(isServed(await ask(other))).toBe(false);
  });

  it("MUTUAL refuses whom the list of the revoked names, as the file has it now", async () => {
    const [kept, known] = [await caller(), await caller()];
    mkdirSync(path("lists")); // not where the roots are: Envoy has to watch both folders
    const revoke = async (...callers: readonly { cert: string }[]): Promise<void> => {
      const list = await revocationList(path("ca"), ...callers.map(({ cert }) => cert));
      writeFileSync(path("lists/draft"), list, { mode: 0o644 });
      renameSync(path("lists/draft"), path("lists/revoked.pem"));
    };
    await revoke(known);
    await mesh().replacePolicy(listener("mode: MUTUAL", `${roots}\n        caCrl: ${path("lists/revoked.pem")}`));
    await waitFor("the certificate", async () => isServed(await ask(kept)));
    expect(isServed(await ask(known))).toBe(false);
    await revoke(known, kept);
    await waitFor("the longer list", async () => !isServed(await ask(kept)));
    await revoke(kept);
    await waitFor("the list without the first", async () => isServed(await ask(known)));
    expect(isServed(await ask(kept))).toBe(false);
  });

  it("OPTIONAL_MUTUAL takes none for an answer", async () => {
    await mesh().replacePolicy(
      disabled +
        sidecar(`    - port: { number: 9080, protocol: HTTPS, name: https }
      defaultEndpoint: 127.0.0.1:8080
      tls:
        mode: OPTIONAL_MUTUAL
        tlsCertificates: [{ serverCertificate: ${path("server.crt")}, privateKey: ${path("server.key")} }]
        caCertificates: ${path("roots.crt")}
`),
    );
    await waitFor("the listener", async () => isServed(await ask()));
    expect(isServed(await ask(await caller()))).toBe(true);
  });
});
