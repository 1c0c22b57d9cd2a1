import { accounts, Fleet } from "./faults/fleet.ts";
import { LoneServer } from "./faults/lone-server.ts";
import { service } from "./faults/shop.ts";
import { waitFor } from "./harness/index.ts";

/** Counters, not times: these hold on any machine, however busy. Times are what `make bench` is for. */
const services = 60;
const fleets = [10, 40] as const;

const counted = {
  parsed: "heddle_files_parsed_total",
  published: "heddle_publications_total",
  encoded: "heddle_resources_encoded_total",
  sent: "heddle_resources_sent_total",
  responses: "heddle_xds_pushes_total",
  bytes: "heddle_xds_pushed_bytes_total",
} as const;

type Counts = Record<keyof typeof counted, number>;

async function counts(server: LoneServer): Promise<Counts> {
  const entries = Object.entries(counted).map(async ([name, metric]) => [name, await server.metric(metric)]);
  return Object.fromEntries(await Promise.all(entries)) as Counts;
}

/** Resolves with what the server did meanwhile, when all of its proxies have taken all there is. */
async function spentOn(server: LoneServer, proxies: number, work: () => Promise<unknown>): Promise<Counts> {
  const before = await counts(server);
  await work();
  await server.untilSynced(proxies);
  const after = await counts(server);
  const names = Object.keys(counted) as (keyof Counts)[];
  return Object.fromEntries(names.map((name) => [name, after[name] - before[name]])) as Counts;
}

interface Spent {
  readonly rehearsed: number; // resources encoded before anybody came
  readonly connect: Counts;
  readonly weight: Counts;
  readonly endpoint: Counts;
  readonly same: Counts;
  readonly removed: Counts;
}

/** One service a file, so many proxies, and then one file after the other renamed into place. */
async function drive(proxies: number): Promise<Spent> {
  const files = Object.fromEntries(Array.from({ length: services }, (_, n) => [`svc-${n}.yaml`, service(n)]));
  const server = await LoneServer.start({ files });
  const fleet = await Fleet.of(server, proxies);
  try {
    const encoded = (): Promise<number> => server.metric(counted.encoded);
    await waitFor("what proxies share to be made", async () => (await encoded()) > services * 3);
    const rehearsed = await encoded();
    const connect = await spentOn(server, proxies, () => {
      fleet.connect();
      return fleet.until("be served", (sidecar) => sidecar.isComplete);
    });
    const weight = await spentOn(server, proxies, async () => {
      await server.write("svc-7.yaml", service(7, "weighed", 80));
      await fleet.until("hold the weight", (sidecar) => sidecar.holds("vhds", "weighed"));
    });
    const endpoint = await spentOn(server, proxies, async () => {
      await server.write("svc-8.yaml", service(8).replace("address: 10.1.0.8", "address: 10.99.99.99"));
      await fleet.until("hold the endpoint", (sidecar) => sidecar.holds("eds", "10.99.99.99"));
    });
    // A file that says the same is read once more and moves nobody; the next one, which does, shows that it was seen.
    const same = await spentOn(server, proxies, async () => {
      await server.write("svc-9.yaml", `# as before\n${service(9)}`);
      await server.write("svc-10.yaml", service(10, "after"));
      await fleet.until("hold what came after", (sidecar) => sidecar.holds("vhds", "after"));
    });
    const last = `svc-${services - 1}`;
    const removed = await spentOn(server, proxies, async () => {
      await server.remove(`${last}.yaml`);
      await fleet.until("forget a service", (sidecar) => !sidecar.holds("cds", `${last}.shop`));
    });
    return { rehearsed, connect, weight, endpoint, same, removed };
  } finally {
    fleet.close();
    await server.close();
  }
}

describe("what the server does for a change", () => {
  let few: Spent;
  let many: Spent;

  beforeAll(async () => {
    few = await drive(fleets[0]);
    many = await drive(fleets[1]);
  }, 120_000);

  const both = () => [few, many].map((spent, at) => ({ ...spent, proxies: fleets[at] ?? NaN }));

  it("has made what proxies share before they come: then only a certificate for each service account, and what is no service's", () => {
    const [own, ownOfMany] = both().map(({ connect, proxies }) => connect.encoded - Math.min(proxies, accounts));
    expect(own).toBeLessThan(5);
    expect(ownOfMany).toBe(own);
    expect(many.rehearsed).toBe(few.rehearsed);
  });

  it("parses the changed file alone, and publishes once", () => {
    for (const { weight, endpoint, same, removed } of both()) {
      expect(weight).toMatchObject({ parsed: 1, published: 1 });
      expect(endpoint).toMatchObject({ parsed: 1, published: 1 });
      expect(same).toMatchObject({ parsed: 2, published: 1, encoded: 1 });
      expect(removed).toMatchObject({ parsed: 0, published: 1 }); // though for that the whole tree is looked at
    }
  });

  it("makes one resource of a changed weight, whoever gets it, and sends it once to each", () => {
    for (const { weight, proxies } of both())
      expect(weight).toMatchObject({ encoded: 1, sent: proxies, responses: proxies });
  });

  it("makes the same endpoints for 10 proxies as for 40, and sends nothing else", () => {
    expect(many.endpoint.encoded).toBe(few.endpoint.encoded);
    for (const { endpoint, proxies } of both()) {
      expect(endpoint.encoded).toBeLessThanOrEqual(3); // of the service, and of two subsets, one of which has no endpoint
      expect(endpoint).toMatchObject({ sent: 2 * proxies, responses: proxies });
    }
  });

  it("sends a few hundred bytes to each proxy, not a route configuration", () => {
    for (const { weight, endpoint, proxies } of both()) {
      expect(weight.bytes / proxies).toBeLessThan(2_000);
      expect(endpoint.bytes / proxies).toBeLessThan(2_000);
    }
  });
});
