import { createLog } from "../../src/lib/index.ts";
import { openKubernetesSource, type KubernetesSource } from "../../src/source/index.ts";
import { ApiServer } from "../harness/api-server.ts";
import { waitFor } from "../harness/wait.ts";
import { apply, applyCrds, pathOf, type Manifest } from "./cluster.ts";

let server: ApiServer;
const sources: KubernetesSource[] = [];
const leads = { first: false, second: false };

const rule = (maxEjectionPercent: number, interval: string): Manifest => ({
  apiVersion: "networking.istio.io/v1",
  kind: "DestinationRule",
  metadata: { name: "cart", namespace: "shop" },
  spec: { host: "cart", trafficPolicy: { outlierDetection: { maxEjectionPercent, interval } } },
});
const good = rule(10, "5s");
/** The schema lets any text pass for a duration. */
const bad = rule(20, "soon");

interface Written {
  readonly metadata: { readonly generation: number; readonly resourceVersion: string };
  readonly status?: { readonly conditions?: readonly Readonly<Record<string, unknown>>[] };
}

const read = async (): Promise<Written> => (await server.admin.get({ path: pathOf(good, "cart") })) as Written;
const condition = async (): Promise<Readonly<Record<string, unknown>> | undefined> =>
  (await read()).status?.conditions?.find(({ type }) => type === "heddle.io/Accepted");
const events = async (): Promise<readonly { reason: string; message: string; involvedObject: { name: string } }[]> => {
  const { items } = (await server.admin.get({ path: "/api/v1/namespaces/shop/events" })) as {
    items: { reason: string; message: string; involvedObject: { name: string } }[];
  };
  return items.filter(({ involvedObject }) => involvedObject.name === "cart");
};

async function openReplica(isLeader: () => boolean): Promise<KubernetesSource> {
  const source = openKubernetesSource({
    kubeConfig: server.kubeConfig("admin"),
    namespace: "heddle-system",
    log: createLog("silent"),
    onChange: () => undefined,
    isLeader,
  });
  await source.start();
  sources.push(source);
  return source;
}

beforeAll(async () => {
  server = await ApiServer.start();
  await applyCrds(server);
  await apply(server, good);
  await openReplica(() => leads.first);
  await openReplica(() => leads.second);
});

afterAll(async () => {
  await Promise.all(sources.map((source) => source.stop()));
  await server?.close();
});

const seen = (interval: string): Promise<unknown> =>
  waitFor(`interval ${interval}`, () =>
    sources.every((source) => source.objects().some(({ spec }) => JSON.stringify(spec).includes(interval))),
  );

it("writes nothing while it does not lead, and then what is missing", async () => {
  await apply(server, { ...good, status: { conditions: [{ type: "Reconciled", status: "True" }] } });
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  expect(await condition()).toBeUndefined();
  leads.first = true;
  const written = await waitFor("the condition", condition);
  expect(written).toMatchObject({ status: "True", reason: "Accepted", observedGeneration: 1 });
  const { status } = await read();
  expect(status?.conditions).toHaveLength(2); // another controller's stays
});

it("keeps the last valid version of a broken object, and says so once in its status and in an Event", async () => {
  await seen("5s");
  await apply(server, bad);
  const written = await waitFor("the condition to change", async () => {
    const now = await condition();
    return now?.status === "False" && now;
  });
  expect(written).toMatchObject({ reason: "Invalid", observedGeneration: 2 });
  expect(written["message"]).toMatch(
    /^the last valid version stays in force: HED\d+ spec\.trafficPolicy\.outlierDetection\.interval: /,
  );
  const told = await waitFor("the Event", async () => {
    const all = await events();
    return all.length > 0 && all;
  });
  expect(told).toMatchObject([{ reason: "Invalid", message: written["message"] }]);
  expect(
    sources[0]
      ?.objects()
      .map(({ spec }) => JSON.stringify(spec))
      .join(),
  ).toContain('"maxEjectionPercent":10');
  // Another leader finds all said; so does a replica that starts now, except that it has no valid version.
  [leads.first, leads.second] = [false, true];
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  expect(await events()).toHaveLength(1);
  expect(await condition()).toEqual(written);
});

it("takes the mended object over, and does not write again and again", async () => {
  await apply(server, rule(30, "7s"));
  await waitFor("the condition to change back", async () => (await condition())?.["status"] === "True");
  await seen("7s");
  const { metadata } = await read();
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  expect((await read()).metadata.resourceVersion).toBe(metadata.resourceVersion);
  expect(sources.flatMap((source) => source.problems())).toEqual([]);
});

it("tells of a broken MeshConfig in an Event of its ConfigMap", async () => {
  const map = (mesh: string): Manifest => ({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "heddle", namespace: "heddle-system" },
    data: { mesh },
  });
  await apply(server, map("rootNamespace: heddle-system\n"));
  await waitFor("the settings", () => sources[1]?.objects().some(({ kind }) => kind === "MeshConfig"));
  await apply(server, map("rootNamespace: [\n"));
  await waitFor("the Event", async () => {
    const { items } = (await server.admin.get({ path: "/api/v1/namespaces/heddle-system/events" })) as {
      items: object[];
    };
    return items.length > 0;
  });
  expect(sources[1]?.objects().some(({ kind }) => kind === "MeshConfig")).toBe(true);
});
