import { join } from "node:path";
import { run } from "../../src/app/up/index.ts";
import { bound, itSurvives } from "../harness/figures.ts";
import { projectRoot } from "../harness/index.ts";
import { Fleet } from "./fleet.ts";
import { LoneServer } from "./lone-server.ts";
import { service, shop } from "./shop.ts";

const proxies = 20;
const edits = 1_000;
const overMs = 10_000;

let server: LoneServer;

beforeAll(async () => {
  server = await LoneServer.start({ files: { "shop.yaml": shop(20), "hot.yaml": service(99) } });
});

afterAll(() => server.close());

interface Storm {
  readonly ms: number;
  readonly longest: number;
  readonly pauses: number;
}

async function storm(): Promise<Storm> {
  const texts = Array.from({ length: edits }, (_, n) => {
    return n === edits - 1 ? service(99, "the-last") : service(99, `edit-${n}`, n % 100);
  });
  const said = await run(
    [process.execPath, join(projectRoot(), "e2e/apps/edit-storm.mjs")],
    JSON.stringify({ folder: server.policyDirectory, file: "hot.yaml", texts, overMs }),
  );
  return JSON.parse(said) as Storm;
}

itSurvives("F23", `${edits} edits in ${overMs / 1000} s, ${proxies} proxies`, async () => {
  const fleet = await Fleet.of(server, proxies);
  fleet.connect();
  await fleet.until("be served", (sidecar) => sidecar.isComplete);
  await server.untilSynced(proxies);
  for (const { received } of fleet.sidecars) received.length = 0;
  const { ms, longest, pauses } = await storm();
  const lag = await fleet.until("hold the last edit", (sidecar) => sidecar.holds("vhds", "the-last"));
  await server.untilSynced(proxies);
  const pushes = Math.max(...fleet.sidecars.map(({ received }) => received.length));
  fleet.close();
  const newcomer = await Fleet.of(server, 1);
  newcomer.connect();
  await newcomer.until("get the last edit", (sidecar) => sidecar.holds("vhds", "the-last"));
  newcomer.close();
  // A pause in the storm is quiet, and quiet is when an edit is sent: where the machine held the writer up, that is no fault.
  // How much the machine holds everybody up decides over the rest: beside other tests, far fewer pushes than edits will do.
  const limit = bound({ short: edits / 10, long: 20 + pauses });
  return {
    figure: `${edits} edits in ${(ms / 1000).toFixed(1)} s (longest pause ${longest.toFixed(0)} ms): ${pushes} pushes to a proxy, the last edit held ${lag.toFixed(0)} ms after it was written`,
    limit: `${limit} pushes, the last edit held`,
    pass: pushes <= limit && pushes > 0,
  };
});
