import { setTimeout as pause } from "node:timers/promises";
import { DeltaDiscoveryRequest } from "../../generated/envoy/service/discovery/v3/discovery.ts";
import { typeUrls } from "../../src/envoy/index.ts";
import { bound, itSurvives } from "../harness/figures.ts";
import { waitFor } from "../harness/index.ts";
import { dialAs, Fleet } from "./fleet.ts";
import { GrpcStream, type Dial } from "./grpc-stream.ts";
import { LoneServer } from "./lone-server.ts";
import { shop } from "./shop.ts";
import { nodeOf, ScriptedSidecar } from "./sidecar.ts";

let server: LoneServer;
let dial: Dial;

beforeAll(async () => {
  server = await LoneServer.start({ files: { "shop.yaml": shop(100) } });
  dial = await dialAs(server, "app-0");
  await settledRss(); // the first streams cost what all later ones share
});

afterAll(() => server.close());

/** Resident memory when it has stopped to move. MiB. */
async function settledRss(): Promise<number> {
  const first = new ScriptedSidecar({ name: "first", namespace: "shop" });
  first.connect(dial);
  await waitFor("a sidecar to be served", () => first.isComplete);
  first.close();
  await waitFor("no streams", async () => (await server.metric("heddle_xds_streams")) === 0);
  await pause(1_000);
  return (await server.memory()).rss;
}

const stalled = 100;
// Beside other tests, resident memory says more of the machine: it is held to its limit in the long form.
const stalledMiB = bound({ short: 60, long: 20 });
const churnMiB = bound({ short: 40, long: 10 });

itSurvives("F06", `${stalled} streams that ask for everything and never read`, async () => {
  const before = await settledRss();
  const asking = (n: number): Uint8Array => {
    const node = nodeOf({ name: `stalled-${n}`, namespace: "shop" });
    return DeltaDiscoveryRequest.encode(DeltaDiscoveryRequest.fromPartial({ node, typeUrl: typeUrls.cds })).finish();
  };
  const streams = Array.from({ length: stalled }, (_, n) => {
    const stream = new GrpcStream({ ...dial, window: 65_535 });
    stream.write(asking(n));
    return stream;
  });
  await waitFor("all to be there", async () => (await server.metric("heddle_xds_streams")) === stalled);
  await pause(1_000);
  const growth = (await server.memory()).rss - before;
  const reader = new ScriptedSidecar({ name: "reader", namespace: "shop" });
  reader.connect(dial);
  await waitFor("one that reads to be served meanwhile", () => reader.isComplete);
  const started = performance.now();
  await waitFor("them to be cut off", () => streams.every(({ end }) => end !== undefined), { timeoutMs: 60_000 });
  const seconds = (performance.now() - started) / 1000;
  const left = await server.metric("heddle_xds_streams");
  const counted = await server.metric("heddle_xds_stalled_total");
  reader.close();
  return {
    figure: `RSS +${growth.toFixed(1)} MiB, all cut off within ${seconds.toFixed(0)} s more, ${counted} counted, ${left} left`,
    limit: `${stalledMiB} MiB, 35 s, 1 left`,
    pass: growth < stalledMiB && seconds <= 35 && counted === stalled && left === 1,
  };
});

const churn = bound({ short: 8, long: 300 }); // seconds
// Seconds. V8 collects old garbage when there is about as much of it as is alive: until it has done so a few times, memory grows once.
const warmUp = bound({ short: 3, long: 300 });
const perSecond = 50;

itSurvives(
  "F08",
  `connect and disconnect ${perSecond} times a second for ${churn} s`,
  async () => {
    await churnFor(warmUp);
    const before = await settledRss();
    const ended = await churnFor(churn);
    const after = await settledRss();
    const streams = await server.metric("heddle_xds_streams");
    const handles = await server.metric("nodejs_active_handles_total");
    const growth = after - before;
    return {
      figure: `${ended} streams, RSS ${growth >= 0 ? "+" : ""}${growth.toFixed(1)} MiB of ${before.toFixed(0)}, ${streams} streams and ${handles} handles left`,
      limit: `+5 % and ${churnMiB} MiB, 0 streams, 20 handles`,
      pass: growth <= before * 0.05 + churnMiB && streams === 0 && handles < 20,
    };
  },
  900_000,
);

/** Streams that come, take what they get in a moment of their own, and go without a word. */
async function churnFor(seconds: number): Promise<number> {
  const started = performance.now();
  let begun = 0;
  const live = new Set<Promise<void>>();
  for (let now = 0; now < seconds * 1000; now = performance.now() - started) {
    for (; begun < (now / 1000) * perSecond; begun++) {
      const sidecar = new ScriptedSidecar({ name: `app-${begun}`, namespace: "shop" });
      sidecar.connect(dial);
      const life: Promise<void> = pause((begun * 37) % 400)
        .then(() => sidecar.close())
        .then(() => void live.delete(life));
      live.add(life);
    }
    await pause(10);
  }
  await Promise.all(live);
  return begun;
}

itSurvives("F05", "SIGTERM with 100 streams", async () => {
  const fleet = await Fleet.of(server, 100);
  fleet.connect();
  await fleet.until("be served", (sidecar) => sidecar.isComplete);
  const started = performance.now();
  await server.process.stop();
  const seconds = (performance.now() - started) / 1000;
  const ends = await Promise.all(fleet.sidecars.map(({ ended }) => ended));
  const told = ends.filter((end) => end?.code === 14).length;
  await server.process.start();
  return {
    figure: `gone after ${seconds.toFixed(1)} s, ${told} of ${ends.length} streams ended with UNAVAILABLE`,
    limit: "10 s, all",
    pass: seconds <= 10 && told === ends.length,
  };
});
