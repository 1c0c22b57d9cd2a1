import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openTestAuthority } from "./harness/credentials.ts";
import { converse, meshForSuite, type Answer } from "./harness/index.ts";
import { resolverPod } from "./resolver-pod.ts";

const folder = mkdtempSync(join(tmpdir(), "heddle-dynamic-"));
const outside = { address: "10.244.0.1", http: 9321, tls: 9322 };
const wherever = "192.0.2.77"; // nobody: where the app believes that the host is

/** A pod whose resolver, on its loopback, knows every name: its Envoy asks it too. */
const client = resolverPod({ address: outside.address });
const entry = `---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: wild, namespace: default }
spec:
  hosts: ["*.wild.example"]
  location: MESH_EXTERNAL
  resolution: DYNAMIC_DNS
  ports:
    - { number: ${outside.http}, name: http, protocol: HTTP }
    - { number: ${outside.tls}, name: tls, protocol: TLS }
`;
const mesh = meshForSuite({ yaml: [client, entry].join("") });
let roots = "";
beforeAll(async () => {
  const authority = await openTestAuthority(join(folder, "ca"));
  const { certificateChain, privateKey } = await authority.issueServer(["b.wild.example"], [], 3_600_000);
  roots = authority.bundle();
  await mesh().startOutside(outside.http, {
    TLS_PORT: `${outside.tls}`,
    TLS_CERT: certificateChain,
    TLS_KEY: privateKey,
  });
});
afterAll(() => rmSync(folder, { recursive: true }));

async function ask(host: string): Promise<Answer | undefined> {
  const headers = { host: `${host}:${outside.http}` };
  return (await mesh().request("client", `http://${wherever}:${outside.http}/`, { headers, timeoutMs: 8_000 }))
    .answers[0];
}

it("sends a request to where the name that it carries leads, wherever the app has sent it", async () => {
  for (const host of ["a.wild.example", "b.c.wild.example"]) {
    const answer = await ask(host);
    expect([answer?.status, answer?.body?.service]).toEqual([200, "outside"]);
  }
});

it("looks nothing up for other names", async () => {
  expect((await ask("a.other.example"))?.body).toBeUndefined();
});

it("passes TLS on by the name that it asks for, end to end", async () => {
  const to = { host: wherever, port: outside.tls, ca: roots, timeoutMs: 8_000 };
  const request = "GET / HTTP/1.1\r\nhost: b.wild.example\r\nconnection: close\r\n\r\n";
  const heard = await converse(mesh(), "client", { ...to, servername: "b.wild.example", send: request });
  expect(heard).toMatchObject({
    received: expect.stringMatching(/^HTTP\/1\.1 200/) as string,
    subject: "DNS:b.wild.example",
  });
});
