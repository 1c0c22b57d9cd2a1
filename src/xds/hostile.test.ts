import { connect } from "node:http2";
import { status } from "@grpc/grpc-js";
import { DeltaDiscoveryRequest } from "../../generated/envoy/service/discovery/v3/discovery.ts";
import { typeUrls } from "../envoy/index.ts";
import { noMetrics } from "./metrics.ts";
import { DeltaClient } from "./testdata/client.ts";
import { TestClock } from "./testdata/clock.ts";
import { proxyResources } from "./testdata/resources.ts";
import { snapshotOf, startServer, type TestServer } from "./testdata/server.ts";
import { until } from "./testdata/until.ts";

const clock = new TestClock();
let stalled = 0;
let refused = 0;
const metrics = { ...noMetrics, stalled: () => void (stalled += 1), refused: () => void (refused += 1) };
let test: TestServer;
beforeAll(async () => {
  test = await startServer({ clock, metrics, limits: { connectionsPerAddress: 8, stallMs: 30_000 } });
  test.server.publish(snapshotOf(proxyResources({ cds: { a: "1" } })), "1");
});
afterAll(async () => {
  const stopped = test.server.stop({ graceMs: 1_000 });
  await stopped;
});

const node = {
  id: "sidecar~10.0.0.1~app.default~default.svc.cluster.local",
  metadata: { NAME: "app", NAMESPACE: "default" },
};

async function isAlive(): Promise<void> {
  const client = new DeltaClient(test.client);
  client.subscribe("cds");
  expect((await client.accept("cds")).names.length).toBeGreaterThan(0);
  client.close();
  await until(() => test.server.status().length === 0, "the end of the stream");
}

it.each([
  ["no type", { node, typeUrl: "" }],
  ["no node", { typeUrl: typeUrls.cds }],
  ["100,000 names", { node, typeUrl: typeUrls.eds, resourceNamesSubscribe: Array.from({ length: 100_000 }, String) }],
  ["a name of 1 MB", { node, typeUrl: typeUrls.eds, resourceNamesSubscribe: ["x".repeat(1_000_000)] }],
  [
    "100,000 versions",
    {
      node,
      typeUrl: typeUrls.cds,
      initialResourceVersions: Object.fromEntries(Array.from({ length: 100_000 }, (_, i) => [i, "1"])),
    },
  ],
])("ends a stream whose request has %s, and goes on", async (_, request) => {
  const client = new DeltaClient(test.client);
  client.call.write(DeltaDiscoveryRequest.fromPartial(request));
  await until(() => client.ended !== undefined, "the end of the stream");
  expect(client.ended).toMatchObject({ code: status.INVALID_ARGUMENT });
  expect(client.responses).toEqual([]);
  client.close();
  await isAlive();
});

it("ends a stream on which the node changes", async () => {
  const client = new DeltaClient(test.client);
  client.subscribe("cds");
  await client.accept("cds");
  client.send("lds", { node: { ...node, id: "sidecar~10.0.0.2~other.default~default.svc.cluster.local" } });
  await until(() => client.ended !== undefined, "the end of the stream");
  expect(client.ended).toMatchObject({ code: status.INVALID_ARGUMENT });
  client.close();
  await isAlive();
});

it("takes no notice of a type that it does not serve", async () => {
  const client = new DeltaClient(test.client);
  client.call.write(
    DeltaDiscoveryRequest.fromPartial({ node, typeUrl: "type.googleapis.com/envoy.service.runtime.v3.Runtime" }),
  );
  client.subscribe("cds");
  expect((await client.accept("cds")).names).toEqual(["a"]);
  client.close();
  await isAlive();
});

/** A gRPC caller made of HTTP/2 alone, which reads only when told to. */
function rawStream(body: Uint8Array) {
  const session = connect(`https://localhost:${test.port}`, { ca: test.root });
  session.on("error", () => undefined);
  const stream = session.request({
    ":method": "POST",
    ":path": "/envoy.service.discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources",
    "content-type": "application/grpc",
    te: "trailers",
    authorization: `Bearer ${test.client.token}`,
  });
  stream.on("error", () => undefined);
  const frame = Buffer.alloc(5 + body.length);
  frame.writeUInt32BE(body.length, 1);
  frame.set(body, 5);
  stream.write(frame);
  return { session, stream };
}

it("ends a stream of bytes that are no request", async () => {
  const { session, stream } = rawStream(Buffer.from("\xff\xff\xff\xff not protobuf", "latin1"));
  const trailers = await new Promise<Record<string, unknown>>((resolve) => {
    stream.on("response", resolve);
    stream.on("trailers", resolve);
  });
  expect(trailers["grpc-status"]).toBe(String(status.INVALID_ARGUMENT));
  session.destroy();
  await isAlive();
});

it("cuts off a client that does not read, and keeps the others served", async () => {
  test.server.publish(snapshotOf(proxyResources({ cds: { a: "x".repeat(3_000_000) } })), "big");
  const request = DeltaDiscoveryRequest.fromPartial({ node, typeUrl: typeUrls.cds });
  const { session } = rawStream(DeltaDiscoveryRequest.encode(request).finish());
  await until(() => test.server.status()[0]?.types.cds.state === "STALE", "the response on its way");
  clock.advance(29_000);
  expect(session.destroyed).toBe(false);
  const isCutOff = (): boolean => {
    clock.advance(1_000); // 30 s from when it was last given something to take
    return session.destroyed;
  };
  await until(isCutOff, "the end of the connection");
  expect(stalled).toBe(1);
  expect(test.server.status()).toEqual([]);
  await isAlive();
});

it("bounds the connections of one address before TLS", async () => {
  const before = refused;
  const clients = Array.from({ length: 12 }, () => new DeltaClient(test.client));
  for (const client of clients) client.subscribe("cds");
  await until(() => refused > before, "a refusal");
  for (const client of clients) client.close();
  await until(() => test.server.status().length === 0, "the end of the streams");
  await isAlive();
});
