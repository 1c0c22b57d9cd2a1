import { status } from "@grpc/grpc-js";
import { Secret } from "../../generated/envoy/extensions/transport_sockets/tls/v3/secret.ts";
import type { Any } from "../../generated/google/protobuf/any.ts";
import type { Authority, Identity, Leaf } from "../ca/index.ts";
import { createSecretSource } from "./secrets.ts";
import { DeltaClient, SotwClient } from "./testdata/client.ts";
import { TestClock } from "./testdata/clock.ts";
import { proxyResources } from "./testdata/resources.ts";
import { snapshotOf, startServer, type TestServer } from "./testdata/server.ts";
import { quiet, until } from "./testdata/until.ts";

const canary = "CANARY-PRIVATE-KEY";

/** An authority that makes paper certificates. */
class PaperAuthority implements Authority {
  readonly trustDomain = "cluster.local";
  readonly issued: Identity[] = [];
  fails = false;
  #bundle = "root 1";
  #listeners = new Set<() => void>();
  readonly #clock: TestClock;

  constructor(clock: TestClock) {
    this.#clock = clock;
  }

  issue(identity: Identity): Promise<Leaf> {
    if (this.fails) return Promise.reject(new Error("no ink"));
    this.issued.push(identity);
    const now = this.#clock.now();
    const certificateChain = `leaf ${this.issued.length} of ${identity.namespace}/${identity.serviceAccount}`;
    const times = { notBefore: now, notAfter: now + 2 * 3_600_000, renewAt: now + 3_600_000 };
    return Promise.resolve({ identity, certificateChain, privateKey: canary, serial: "1", ...times });
  }

  bundle(): string {
    return this.#bundle;
  }

  onBundle(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  rotate(bundle: string): void {
    this.#bundle = bundle;
    for (const listener of this.#listeners) listener();
  }
}

let test: TestServer;
let authority: PaperAuthority;
let clock: TestClock;
beforeEach(async () => {
  clock = new TestClock();
  authority = new PaperAuthority(clock);
  test = await startServer({ clock, secrets: createSecretSource(authority, clock) });
  test.server.publish(snapshotOf(proxyResources({ cds: { a: "1" } })), "1");
});
afterEach(() => test.server.stop({ graceMs: 1_000 }));

const secretOf = (resource: { resource?: Any | undefined } | undefined) =>
  Secret.decode(resource?.resource?.value ?? new Uint8Array());

async function endOf(client: DeltaClient | SotwClient): Promise<unknown> {
  await until(() => client.ended !== undefined, "the end of the stream");
  expect(client.responses).toEqual([]);
  client.close();
  return client.ended;
}

it.each([
  ["no token", { token: undefined }],
  ["a token of somebody else's", { token: "forged" }],
  ["an endless token", { token: `token-${"x".repeat(20_000)}` }],
])("refuses a caller with %s before anything else", async (_, { token }) => {
  const { token: _dropped, ...rest } = test.client;
  const client = new DeltaClient({ ...rest, ...(token === undefined ? {} : { token }) });
  client.subscribe("cds");
  await until(() => client.ended !== undefined, "the end of the stream");
  expect(client.responses).toEqual([]);
  expect([status.UNAUTHENTICATED, status.INTERNAL, status.UNAVAILABLE]).toContain(
    (client.ended as { code: number }).code,
  );
  client.close();
});

it("refuses a proxy that claims another namespace, and one that claims nothing", async () => {
  const other = new DeltaClient({ ...test.client, metadata: { NAME: "app", NAMESPACE: "payments" } });
  other.subscribe("cds");
  expect(await endOf(other)).toMatchObject({ code: status.PERMISSION_DENIED });
  const nobody = new SotwClient({ ...test.client, metadata: {} });
  nobody.send("cds");
  expect(await endOf(nobody)).toMatchObject({ code: status.PERMISSION_DENIED });
  expect(test.lines.join("")).not.toContain(test.client.token);
});

it("tells who was refused and why, until that caller is let in", async () => {
  const forged = new DeltaClient({ ...test.client, token: "forged" });
  forged.subscribe("cds");
  await endOf(forged);
  for (let attempt = 0; attempt < 2; attempt++) {
    const other = new DeltaClient({ ...test.client, nodeId: "edge", metadata: { NAME: "app", NAMESPACE: "payments" } });
    other.subscribe("cds");
    await endOf(other);
  }
  const told = test.server.refusedCallers();
  expect(told).toMatchObject([
    { attempts: 1, reason: expect.any(String) as unknown },
    { attempts: 2, node: "edge", identity: "default/app", reason: expect.stringContaining("namespace") as unknown },
  ]);
  expect(JSON.stringify(told)).not.toContain("forged");
  const own = new DeltaClient({ ...test.client, nodeId: "edge" });
  own.subscribe("cds");
  await own.accept("cds");
  expect(test.server.refusedCallers()).toHaveLength(1);
  clock.advance(300_000);
  expect(test.server.refusedCallers()).toEqual([]);
  own.close();
});

it("gives a workload its own certificate and the roots, and renews them on the stream", async () => {
  const client = new DeltaClient(test.client);
  client.subscribe("sds", ["default"]);
  const first = secretOf((await client.accept("sds")).response.resources[0]);
  expect(first.tlsCertificate).toMatchObject({
    certificateChain: { inlineString: "leaf 1 of default/app" },
    privateKey: { inlineString: canary },
  });
  client.subscribe("sds", ["ROOTCA"]);
  const roots = secretOf((await client.accept("sds")).response.resources[0]);
  expect(roots.validationContext?.trustedCa).toMatchObject({ inlineString: "root 1" });
  clock.advance(3_600_000);
  const second = secretOf((await client.accept("sds")).response.resources[0]);
  expect(second.tlsCertificate?.certificateChain).toMatchObject({ inlineString: "leaf 2 of default/app" });
  authority.rotate("root 1 root 2");
  const both = secretOf((await client.accept("sds")).response.resources[0]);
  expect(both.validationContext?.trustedCa).toMatchObject({ inlineString: "root 1 root 2" });
  client.close();
});

it("shares a certificate between the streams of an identity, and renews none that nobody uses", async () => {
  const clients = [new DeltaClient(test.client), new SotwClient(test.client)] as const;
  clients[0].subscribe("sds", ["default"]);
  clients[1].send("sds", { resourceNames: ["default"] });
  await clients[0].accept("sds");
  await clients[1].accept("sds", ["default"]);
  expect(authority.issued).toHaveLength(1);
  for (const client of clients) client.close();
  await until(() => test.server.status().length === 0, "the end of the streams");
  clock.advance(24 * 3_600_000);
  await quiet();
  expect(authority.issued).toHaveLength(1);
});

it("serves nobody another's secret, and gives no hint whether it exists", async () => {
  const client = new DeltaClient(test.client);
  const names = ["spiffe://cluster.local/ns/payments/sa/app", "payments/default", "kubernetes://payments/tls"];
  client.subscribe("sds", names);
  const { response } = await client.accept("sds");
  expect(response.resources).toEqual([]);
  expect([...response.removedResources].sort()).toEqual([...names].sort());
  expect(authority.issued).toEqual([]);
  client.close();
});

it("tries again when a certificate cannot be made, and keeps what the client has", async () => {
  authority.fails = true;
  const client = new DeltaClient(test.client);
  client.subscribe("sds", ["default"]);
  await until(() => test.lines.some((line) => line.includes("a secret could not be made")), "the failure in the log");
  expect(client.untaken).toBe(0);
  authority.fails = false;
  clock.advance(10_000);
  expect((await client.accept("sds")).names).toEqual(["default"]);
  client.close();
});

it("shows no private key, neither in what a proxy holds nor in the log", async () => {
  const client = new DeltaClient(test.client);
  client.subscribe("sds", ["default"]);
  await client.accept("sds");
  client.subscribe("sds", ["ROOTCA"]);
  await client.accept("sds");
  await until(() => test.server.status()[0]?.types.sds.state === "SYNCED", "the acknowledgement");
  const served = test.server.resourcesOf("app.default") ?? [];
  expect(served.map(({ name }) => name)).toEqual(["ROOTCA", "default"]);
  const bytes = served.map((resource) => Buffer.from(resource.bytes).toString("latin1")).join();
  expect(bytes).toContain("leaf 1 of default/app");
  for (const text of [bytes, JSON.stringify(test.server.status()), test.lines.join()])
    expect(text).not.toContain(canary);
  client.close();
});
