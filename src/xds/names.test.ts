import { proxyResources } from "./testdata/resources.ts";
import { DeltaClient, SotwClient } from "./testdata/client.ts";
import { snapshotOf, startServer, type TestServer } from "./testdata/server.ts";
import { quiet, until } from "./testdata/until.ts";

let test: TestServer;
beforeAll(async () => void (test = await startServer()));
afterAll(() => test.server.stop({ graceMs: 1_000 }));

let revision = 0;
const publish = (texts: Parameters<typeof proxyResources>[0]): void =>
  test.server.publish(snapshotOf(proxyResources(texts)), String(++revision));

it("sends a name that was asked for before it existed, and says when it is gone", async () => {
  publish({});
  const client = new DeltaClient(test.client);
  client.subscribe("eds", ["outbound|80||new"]);
  expect((await client.accept("eds")).removed).toEqual(["outbound|80||new"]);
  publish({ eds: { "outbound|80||new": "1" } });
  expect((await client.accept("eds")).names).toEqual(["outbound|80||new"]);
  publish({});
  expect((await client.accept("eds")).removed).toEqual(["outbound|80||new"]);
  publish({ eds: { "outbound|80||new": "1" } });
  expect((await client.accept("eds")).names).toEqual(["outbound|80||new"]);
  client.close();
});

it("answers an unknown route table with an empty one, in which Envoy's start does not hang", async () => {
  publish({});
  const client = new DeltaClient(test.client);
  client.subscribe("rds", ["9999"]);
  expect((await client.accept("rds")).names).toEqual(["9999"]);
  client.close();
});

it("answers a wildcard with nothing behind it", async () => {
  publish({});
  const client = new DeltaClient(test.client);
  client.subscribe("cds");
  expect(await client.accept("cds")).toMatchObject({ names: [], removed: [] });
  client.close();
});

it("answers a name again when it is asked for again, and only that", async () => {
  publish({ eds: { a: "1", b: "1" } });
  const client = new DeltaClient(test.client);
  client.subscribe("eds", ["a", "b"]);
  expect((await client.accept("eds")).names).toEqual(["a", "b"]);
  client.subscribe("eds", ["a"]);
  expect((await client.accept("eds")).names).toEqual(["a"]);
  client.close();
});

it("sends a client that comes back only what differs, and removes what is gone", async () => {
  const before = { cds: { same: "1", changed: "1", gone: "1" }, lds: { l: "1" }, rds: { "80": "1" } };
  publish({ ...before, eds: { same: "1", changed: "1" }, vhds: { "80/a": "1", "80/gone": "1" } });
  const held: Record<string, Record<string, string>> = {};
  const first = new DeltaClient(test.client);
  const names = { cds: [], eds: ["same", "changed"], lds: [], rds: ["80"], vhds: [] };
  for (const type of ["cds", "eds", "lds", "rds", "vhds"] as const) {
    first.subscribe(type, names[type]);
    const { response } = await first.accept(type);
    held[type] = Object.fromEntries(response.resources.map(({ name, version }) => [name, version]));
  }
  first.close();
  await until(() => test.server.status().length === 0, "the end of the first stream");
  publish({
    cds: { same: "1", changed: "2", new: "1" },
    eds: { same: "1", changed: "1" },
    lds: { l: "1" },
    rds: { "80": "1" },
    vhds: { "80/a": "1", "80/b": "1" },
  });
  const again = new DeltaClient(test.client);
  again.send("cds", { initialResourceVersions: held["cds"] ?? {} });
  again.send("eds", { resourceNamesSubscribe: names.eds, initialResourceVersions: held["eds"] ?? {} });
  again.send("lds", { initialResourceVersions: held["lds"] ?? {} });
  again.send("rds", { resourceNamesSubscribe: names.rds, initialResourceVersions: held["rds"] ?? {} });
  again.send("vhds", { initialResourceVersions: held["vhds"] ?? {} });
  expect(await again.accept("cds")).toMatchObject({ names: ["changed", "new"], removed: [] });
  expect((await again.accept("eds")).names).toEqual(["changed"]); // its cluster changed
  expect(await again.accept("vhds")).toMatchObject({ names: ["80/b"], removed: ["80/gone"] });
  expect(await again.accept("cds")).toMatchObject({ names: [], removed: ["gone"] }); // when no route needs it any more
  await quiet();
  expect(again.untaken).toBe(0);
  again.close();
});

it("is silent to a client that comes back and holds all there is", async () => {
  publish({ cds: { a: "1" } });
  const first = new DeltaClient(test.client);
  first.subscribe("cds");
  const { response } = await first.accept("cds");
  first.close();
  await until(() => test.server.status().length === 0, "the end of the first stream");
  const again = new DeltaClient(test.client);
  again.send("cds", { initialResourceVersions: { a: response.resources[0]?.version ?? "" } });
  await until(() => test.server.status()[0]?.types.cds.state === "SYNCED", "the client in line");
  expect(again.responses).toEqual([]);
  again.close();
});

it("names each route configuration in the first virtual hosts, be it by a name that is gone", async () => {
  publish({ rds: { "80": "1", "8080": "1" }, vhds: { "80/a": "1" } });
  const client = new DeltaClient(test.client);
  client.subscribe("rds", ["80", "8080"]);
  await client.accept("rds");
  client.subscribe("vhds");
  expect(await client.accept("vhds")).toMatchObject({ names: ["80/a"], removed: ["8080/~init"] });
  client.subscribe("vhds", ["80/nobody"]);
  const { response } = await client.accept("vhds"); // Envoy hangs on a removal as the answer
  expect(response.resources).toMatchObject([{ name: "80/nobody", aliases: ["80/nobody"], resource: undefined }]);
  client.close();
});

it("sends the virtual hosts of a route configuration that the client takes up later", async () => {
  const vhds = { "80/a": "1", "8080/a": "1" };
  publish({ rds: { "80": "1", "8080": "1" }, vhds });
  const client = new DeltaClient(test.client);
  client.subscribe("rds", ["80"]);
  await client.accept("rds");
  client.subscribe("vhds");
  expect((await client.accept("vhds")).names).toEqual(["80/a"]);
  client.subscribe("rds", ["8080"]);
  expect((await client.accept("rds")).names).toEqual(["8080"]);
  expect((await client.accept("vhds")).names).toEqual(["8080/a"]);
  client.close();
});

it("takes the virtual hosts of a route configuration away that goes: a listener that drains still has it", async () => {
  publish({ rds: { "80": "1" }, vhds: { "80/a": "1", "80/b": "1" } });
  const client = new DeltaClient(test.client);
  client.subscribe("rds", ["80"]);
  await client.accept("rds");
  client.subscribe("vhds");
  await client.accept("vhds");
  publish({});
  expect((await client.accept("rds")).removed).toEqual(["80"]);
  expect((await client.accept("vhds")).removed.toSorted()).toEqual(["80/a", "80/b"]);
  client.close();
});

it("answers the first SotW request of a stream whatever its nonce, and no stale one after it", async () => {
  publish({ cds: { a: "1" } });
  const client = new SotwClient(test.client);
  client.send("cds", { versionInfo: "x", responseNonce: "of another stream" });
  const response = await client.accept("cds");
  client.send("cds", { responseNonce: "of another stream" });
  client.send("cds", { responseNonce: response.nonce, versionInfo: response.versionInfo });
  await quiet();
  expect(client.untaken).toBe(0);
  publish({ cds: {} });
  expect((await client.accept("cds")).resources).toEqual([]);
  client.close();
});

it("gives SotW content a version that another server gives it too", async () => {
  const other = await startServer();
  publish({ cds: { a: "1", b: "2" } });
  other.server.publish(snapshotOf(proxyResources({ cds: { b: "2", a: "1" } })), "first");
  const clients = [new SotwClient(test.client), new SotwClient(other.client)];
  const versions = [];
  for (const client of clients) {
    client.send("cds");
    versions.push((await client.accept("cds")).versionInfo);
    client.close();
  }
  expect(versions[0]).toBe(versions[1]);
  await other.server.stop({ graceMs: 1_000 });
});
