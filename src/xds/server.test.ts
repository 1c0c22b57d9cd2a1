import { proxyResources } from "./testdata/resources.ts";
import { DeltaClient, SotwClient } from "./testdata/client.ts";
import { snapshotOf, startServer, type TestServer } from "./testdata/server.ts";

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
