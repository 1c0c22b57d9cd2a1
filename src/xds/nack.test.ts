import type { Provenance } from "../envoy/index.ts";
import { proxyResources, resource } from "./testdata/resources.ts";
import { DeltaClient, SotwClient } from "./testdata/client.ts";
import { snapshotOf, startServer, type TestServer } from "./testdata/server.ts";
import { quiet, until } from "./testdata/until.ts";

let test: TestServer;
beforeAll(async () => void (test = await startServer()));
afterAll(() => test.server.stop({ graceMs: 1_000 }));

let revision = 0;
const publish = (texts: Parameters<typeof proxyResources>[0]): string => {
  test.server.publish(snapshotOf(proxyResources(texts)), String(++revision));
  return String(revision);
};

const good = { "outbound|80||a": "1", "outbound|80||b": "1", "outbound|80||c": "1" };
const spoilt = { "outbound|80||a": "2", "outbound|80||b": "bad", "outbound|80||c": "2" };

async function withClusters(): Promise<DeltaClient> {
  publish({ cds: good });
  const client = new DeltaClient(test.client);
  client.subscribe("cds");
  await client.accept("cds");
  return client;
}

it("delivers all but the resource that the text of a NACK names, and does not send that again", async () => {
  const client = await withClusters();
  publish({ cds: spoilt });
  await client.refuse("cds", "Error adding/updating cluster(s) outbound|80||b: no such thing");
  expect((await client.accept("cds")).names).toEqual(["outbound|80||a", "outbound|80||c"]);
  await quiet();
  expect(client.untaken).toBe(0);
  const [status] = test.server.status();
  expect(status?.types.cds).toMatchObject({ state: "NACKED", nacks: [{ resource: "outbound|80||b" }] });
  client.close();
});

it("finds the bad resource by halves where the text names none", async () => {
  const client = await withClusters();
  publish({ cds: spoilt });
  const taken: string[] = [];
  for (let n = 0; n < 10 && taken.length < 2; n++) {
    const response = await client.take("cds");
    const names = response.resources.map(({ name }) => name);
    const isBad = names.includes("outbound|80||b");
    client.send("cds", { responseNonce: response.nonce, ...(isBad ? { errorDetail: { message: "no good" } } : {}) });
    if (!isBad) taken.push(...names);
  }
  expect(taken.sort()).toEqual(["outbound|80||a", "outbound|80||c"]);
  await until(() => test.server.status()[0]?.types.cds.state === "NACKED", "the NACK in the status");
  await quiet();
  expect(client.untaken).toBe(0);
  client.close();
});

it("delivers the repaired resource and is healthy again", async () => {
  const client = await withClusters();
  publish({ cds: { ...good, "outbound|80||b": "bad" } });
  await client.refuse("cds", "no good");
  await until(() => test.server.status()[0]?.types.cds.state === "NACKED", "the NACK");
  const repaired = publish({ cds: { ...good, "outbound|80||b": "3" } });
  expect((await client.accept("cds")).names).toEqual(["outbound|80||b"]);
  expect((await test.server.whenLive(repaired, { timeoutMs: 10_000 })).live).toBe(true);
  expect(test.server.status()[0]?.types.cds.state).toBe("SYNCED");
  client.close();
});

it("says nothing when the refused edit is taken back", async () => {
  const client = await withClusters();
  publish({ cds: { ...good, "outbound|80||b": "bad" } });
  await client.refuse("cds", "no good");
  await until(() => test.server.status()[0]?.types.cds.state === "NACKED", "the NACK");
  const back = publish({ cds: good });
  expect((await test.server.whenLive(back, { timeoutMs: 10_000 })).live).toBe(true);
  expect(client.untaken).toBe(0);
  client.close();
});

it("keeps the good version of a refused cluster in the full state of a SotW client", async () => {
  publish({ cds: good });
  const client = new SotwClient(test.client);
  client.send("cds");
  const first = await client.accept("cds");
  publish({ cds: spoilt });
  const refused = await client.take("cds");
  client.send("cds", {
    versionInfo: first.versionInfo,
    responseNonce: refused.nonce,
    errorDetail: { message: "outbound|80||b: no good" },
  });
  const again = await client.accept("cds");
  const old = resource("cds", "outbound|80||b", "1").bytes;
  const bytes = again.resources.map(({ value }) => Buffer.from(value).toString("hex"));
  expect(bytes).toHaveLength(3);
  expect(bytes.some((hex) => Buffer.from(old).toString("hex").endsWith(hex))).toBe(true);
  expect(again.versionInfo).not.toBe(refused.versionInfo);
  await quiet();
  expect(client.untaken).toBe(0);
  client.close();
});

it("lays a NACK at the door of the object and line it came from, in whenLive and in the status", async () => {
  const client = await withClusters();
  const blamed = {
    object: {
      kind: "DestinationRule",
      metadata: { namespace: "default", name: "b" },
      origin: { file: "mesh/b.yaml", at: () => ({ file: "mesh/b.yaml", line: 12, column: 3 }) },
    },
    field: ["spec", "trafficPolicy"],
  } as unknown as Provenance;
  const resources = proxyResources({ cds: good });
  const bad = resource("cds", "outbound|80||b", "bad", [blamed]);
  const shared = { ...resources.shared, cds: new Map([...resources.shared.cds, [bad.name, bad]]) };
  const told: string[] = [];
  const live = test.server.whenLive("with a bad rule", {
    timeoutMs: 10_000,
    onNack: ({ resource }) => told.push(resource),
  });
  test.server.publish(snapshotOf({ ...resources, shared }), "with a bad rule");
  await client.refuse("cds", "lb policy: no good");
  expect(await live).toMatchObject({
    live: false,
    timedOut: false,
    proxies: [{ id: "app.default", state: "nacked" }],
    nacks: [
      {
        proxy: "app.default",
        type: "cds",
        resource: "outbound|80||b",
        message: "lb policy: no good",
        provenance: ["DestinationRule default/b spec.trafficPolicy (mesh/b.yaml:12)"],
      },
    ],
  });
  expect(told).toEqual(["outbound|80||b"]);
  client.close();
});
