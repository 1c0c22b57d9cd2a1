import { Server, status } from "@grpc/grpc-js";
import { proxyResources } from "./testdata/resources.ts";
import { DeltaClient, SotwClient } from "./testdata/client.ts";
import { TestClock } from "./testdata/clock.ts";
import { snapshotOf, startServer, type TestServer } from "./testdata/server.ts";
import { makeCertificate } from "./testdata/tls.ts";
import { quiet, until } from "./testdata/until.ts";

let test: TestServer;
beforeEach(async () => void (test = await startServer()));
afterEach(() => test.server.stop({ graceMs: 1_000 }));

const mesh = {
  cds: { "outbound|80||a": "1", "outbound|80||b": "1" },
  eds: { "outbound|80||a": "1", "outbound|80||b": "1" },
  lds: { "0.0.0.0_80": "1" },
  rds: { "80": "1" },
  vhds: { "80/a": "1", "80/b": "1" },
};

it("serves a delta client from clusters to virtual hosts", async () => {
  test.server.publish(snapshotOf(proxyResources(mesh, { lds: { virtualInbound: "1" } })), "1");
  const client = new DeltaClient(test.client);
  client.subscribe("cds");
  expect((await client.accept("cds")).names).toEqual(["outbound|80||a", "outbound|80||b"]);
  client.subscribe("eds", ["outbound|80||a", "outbound|80||b"]);
  expect((await client.accept("eds")).names).toEqual(["outbound|80||a", "outbound|80||b"]);
  client.subscribe("lds");
  expect((await client.accept("lds")).names).toEqual(["0.0.0.0_80", "virtualInbound"]);
  client.subscribe("rds", ["80"]);
  expect((await client.accept("rds")).names).toEqual(["80"]);
  client.subscribe("vhds");
  expect((await client.accept("vhds")).names).toEqual(["80/a", "80/b"]);
  const report = await test.server.whenLive("1", { timeoutMs: 10_000 });
  expect(report).toMatchObject({ live: true, proxies: [{ id: "app.default", state: "live" }] });
  client.close();
});

it("serves a SotW client, whole route configurations in place of virtual hosts", async () => {
  test.server.publish(snapshotOf(proxyResources(mesh)), "1");
  const client = new SotwClient(test.client);
  client.send("cds");
  expect((await client.accept("cds")).resources).toHaveLength(2);
  const names = ["outbound|80||a", "outbound|80||b"];
  client.send("eds", { resourceNames: names });
  expect((await client.accept("eds", names)).resources).toHaveLength(2);
  client.send("lds");
  expect((await client.accept("lds")).resources).toHaveLength(1);
  client.send("rds", { resourceNames: ["80", "unknown"] });
  expect((await client.accept("rds", ["80", "unknown"])).resources).toHaveLength(2);
  client.close();
});

it("sends nothing before the first publication", async () => {
  const client = new DeltaClient(test.client);
  client.subscribe("cds");
  await quiet();
  expect(client.responses).toEqual([]);
  expect(test.server.status()).toEqual([]);
  test.server.publish(snapshotOf(proxyResources(mesh)), "1");
  expect((await client.accept("cds")).names).toHaveLength(2);
  client.close();
});

it("leaves a proxy whose configuration cannot be made with its last one, and serves the others", async () => {
  const before = proxyResources({ cds: { a: "1" } });
  const after = proxyResources({ cds: { a: "2" } });
  test.server.publish(snapshotOf(before), "1");
  const clients = ["app", "unlucky"].map(
    (NAME) => new DeltaClient({ ...test.client, metadata: { NAME, NAMESPACE: "default" } }),
  );
  for (const client of clients) {
    client.subscribe("cds");
    await client.accept("cds");
  }
  const failing = (proxy: { name: string }) => {
    if (proxy.name === "unlucky") throw new Error("a bug of ours");
    return after;
  };
  test.server.publish(snapshotOf(failing), "2");
  expect((await clients[0]!.accept("cds")).names).toEqual(["a"]);
  const report = await test.server.whenLive("2", { timeoutMs: 10_000 });
  expect(report).toMatchObject({ live: false, timedOut: false });
  expect(report.proxies.map(({ id, state }) => [id, state])).toEqual([
    ["app.default", "live"],
    ["unlucky.default", "failed"],
  ]);
  expect(clients[1]!.untaken).toBe(0);
  test.server.publish(snapshotOf(after), "3");
  expect((await clients[1]!.accept("cds")).names).toEqual(["a"]);
  for (const client of clients) client.close();
});

it("moves a route from one cluster to another without a moment in which it has none", async () => {
  const clusters = (name: string) => ({
    cds: { [name]: "1" },
    eds: { [name]: "1" },
    lds: { "0.0.0.0_80": "1" },
    rds: { "80": "1" },
  });
  test.server.publish(snapshotOf(proxyResources({ ...clusters("x"), vhds: { "80/a": "to x" } })), "1");
  const client = new DeltaClient(test.client);
  for (const [type, names] of [
    ["cds", []],
    ["eds", ["x"]],
    ["lds", []],
    ["rds", ["80"]],
    ["vhds", []],
  ] as const) {
    client.subscribe(type, [...names]);
    await client.accept(type);
  }
  test.server.publish(snapshotOf(proxyResources({ ...clusters("y"), vhds: { "80/a": "to y" } })), "2");
  expect(await client.accept("cds")).toMatchObject({ names: ["y"], removed: [] });
  await quiet();
  expect(client.untaken).toBe(0); // the route waits for the endpoints of the new cluster
  client.subscribe("eds", ["y"]);
  expect((await client.accept("eds")).names).toEqual(["y"]);
  const route = await client.take("vhds");
  await quiet();
  expect(client.untaken).toBe(0); // the old cluster stays until the route is taken
  client.send("vhds", { responseNonce: route.nonce });
  expect(await client.accept("cds")).toMatchObject({ names: [], removed: ["x"] });
  client.close();
});

it("sends the endpoints of a changed cluster again, for it waits for them", async () => {
  test.server.publish(snapshotOf(proxyResources({ cds: { a: "1", b: "1" }, eds: { a: "1", b: "1" } })), "1");
  const client = new DeltaClient(test.client);
  client.subscribe("cds");
  await client.accept("cds");
  client.subscribe("eds", ["a", "b"]);
  await client.accept("eds");
  test.server.publish(snapshotOf(proxyResources({ cds: { a: "2", b: "1" }, eds: { a: "1", b: "1" } })), "2");
  const clusters = await client.take("cds");
  expect((await client.accept("eds")).names).toEqual(["a"]); // before it acknowledges the cluster: it does so when that is warm
  client.send("cds", { responseNonce: clusters.nonce });
  client.close();
});

it("waits for a revision until it is published and everybody has it", async () => {
  test.server.publish(snapshotOf(proxyResources({ cds: { a: "1" } })), "1");
  const client = new DeltaClient(test.client);
  client.subscribe("cds");
  await client.accept("cds");
  await test.server.whenLive("1", { timeoutMs: 10_000 });
  const live = test.server.whenLive("2", { timeoutMs: 10_000 });
  test.server.publish(snapshotOf(proxyResources({ cds: { a: "2" } })), "2");
  const response = await client.take("cds");
  expect(test.server.status()[0]?.types.cds).toMatchObject({
    state: "STALE",
    acked: "1",
    subscribed: "*",
    resources: 1,
  });
  client.send("cds", { responseNonce: response.nonce });
  expect(await live).toMatchObject({ live: true, proxies: [{ id: "app.default", state: "live" }] });
  expect(test.server.status()[0]?.types).toMatchObject({
    cds: { state: "SYNCED", acked: "2" },
    lds: { state: "NEVER_ASKED" },
  });
  client.close();
});

it("gives up waiting after the time, and when nobody waits any more", async () => {
  test.server.publish(snapshotOf(proxyResources({ cds: { a: "1" } })), "1");
  const client = new DeltaClient(test.client);
  client.subscribe("cds");
  await client.take("cds");
  expect(await test.server.whenLive("1", { timeoutMs: 20 })).toMatchObject({
    live: false,
    timedOut: true,
    proxies: [{ state: "waiting" }],
  });
  const abort = new AbortController();
  const wait = test.server.whenLive("1", { timeoutMs: 10_000, signal: abort.signal });
  abort.abort();
  await expect(wait).rejects.toThrow("given up");
  client.close();
});

it("takes a new certificate for new connections, and keeps those that stand", async () => {
  test.server.publish(snapshotOf(proxyResources({ cds: { a: "1" } })), "1");
  const old = new DeltaClient(test.client);
  old.subscribe("cds");
  await old.accept("cds");
  const renewed = await makeCertificate();
  test.server.renewCertificate(renewed);
  const client = new DeltaClient({ ...test.client, root: renewed.certificate });
  client.subscribe("cds");
  expect((await client.accept("cds")).names).toEqual(["a"]);
  test.server.publish(snapshotOf(proxyResources({ cds: { a: "2" } })), "2");
  expect((await old.accept("cds")).names).toEqual(["a"]);
  for (const each of [old, client]) each.close();
});

it("ends the streams when it stops, and takes no more", async () => {
  const { server, client: options } = await startServer();
  server.publish(snapshotOf(proxyResources({ cds: { a: "1" } })), "1");
  const client = new DeltaClient(options);
  client.subscribe("cds");
  await client.accept("cds");
  await server.stop({ graceMs: 5_000 });
  await until(() => client.ended !== undefined, "the end of the stream");
  expect(client.ended).toMatchObject({ code: status.UNAVAILABLE });
  const late = new DeltaClient(options);
  late.subscribe("cds");
  await until(() => late.ended !== undefined, "a refusal");
  for (const each of [client, late]) each.close();
});

it("has stopped when the grace is over, even if grpc-js does not say so", async () => {
  const { server } = await startServer();
  const shutdown = jest.spyOn(Server.prototype, "tryShutdown").mockImplementation(() => undefined);
  await server.stop({ graceMs: 50 });
  expect(shutdown).toHaveBeenCalledTimes(1);
  shutdown.mockRestore();
});

it("shows a client that never asks for clusters", async () => {
  const clock = new TestClock();
  const { server, client: options } = await startServer({ clock });
  server.publish(snapshotOf(proxyResources(mesh)), "1");
  const client = new DeltaClient(options);
  client.subscribe("lds");
  await client.accept("lds");
  expect(server.status()[0]?.warnings).toEqual([]);
  clock.advance(31_000);
  expect(server.status()[0]?.warnings).toEqual(["it is connected and does not ask for clusters: restart it"]);
  client.close();
  await server.stop({ graceMs: 1_000 });
});
