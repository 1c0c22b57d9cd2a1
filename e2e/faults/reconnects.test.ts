import { bound, isLong, itSurvives } from "../harness/figures.ts";
import { waitFor } from "../harness/index.ts";
import { Fleet } from "./fleet.ts";
import { LoneServer } from "./lone-server.ts";
import { service, shop } from "./shop.ts";

const proxies = bound({ short: 200, long: 1_000 });
const services = bound({ short: 50, long: 200 });

let server: LoneServer;
let fleet: Fleet;

beforeAll(async () => {
  server = await LoneServer.start({ files: { "shop.yaml": shop(services) } });
  fleet = await Fleet.of(server, proxies);
});

afterAll(async () => {
  fleet.close();
  await server.close();
});

itSurvives(
  "F04",
  `${proxies} proxies with ${services} services connect at once, and again after kill -9 and an edit`,
  async () => {
    fleet.connect();
    const storm = await fleet.until("be served", (sidecar) => sidecar.isComplete);
    await server.untilSynced(proxies);
    await server.process.kill9();
    await fleet.until("notice", (sidecar) => sidecar.end !== undefined);
    await server.write("shop-0.yaml", service(services, "newest")); // while it was down
    for (const sidecar of fleet.sidecars) sidecar.received.length = 0;
    await server.process.start();
    await server.loopDelayMs(); // from here on
    const started = performance.now();
    fleet.reopen();
    await waitFor(
      "all to hold the newest state",
      () => {
        fleet.reopen(); // a refused one comes back
        return fleet.sidecars.every((sidecar) => sidecar.holds("vhds", "newest")) ? true : undefined;
      },
      { timeoutMs: 120_000, everyMs: 200 },
    );
    const again = performance.now() - started;
    const delay = await server.loopDelayMs();
    await server.untilSynced(proxies);
    const { peak } = await server.memory();
    const host = `svc-${services}.shop.example`;
    const times = fleet.sidecars.map(
      ({ received }) =>
        received.filter(({ type, names }) => type === "vhds" && names.some((name) => name.includes(host))).length,
    );
    const most = Math.max(...times);
    const slower = Math.max(storm, again);
    return {
      figure: `synced in ${(storm / 1000).toFixed(1)} s and ${(again / 1000).toFixed(1)} s, loop p99 ${delay.toFixed(0)} ms, RSS ${peak.toFixed(0)} MiB, newest state sent ${most} x`,
      limit: `30 s, 100 ms${isLong ? "" : " (told only)"}, 1024 MiB, 1 x`,
      // Beside other tests, how late a loop runs says more of the machine: it is held to its limit in the long form.
      pass: slower <= 30_000 && (delay < 100 || !isLong) && peak < 1024 && most === 1,
    };
  },
  300_000,
);
