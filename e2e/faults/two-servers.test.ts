import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { clientPod, documents, echoService } from "../echo-services.ts";
import { itSurvives } from "../harness/figures.ts";
import { startMesh, waitFor, type TestMesh } from "../harness/index.ts";
import { dialAs } from "./fleet.ts";
import { LoneServer } from "./lone-server.ts";
import { shop } from "./shop.ts";
import { ScriptedSidecar, xdsTypes } from "./sidecar.ts";

/** One file for each object, their names and their order another way round: the same mesh as another machine might hold it. */
async function scatter(folder: string, yaml: string): Promise<void> {
  const objects = parseAllDocuments(yaml).reverse();
  for (const [n, object] of objects.entries()) await writeFile(join(folder, `${n}-part.yaml`), object.toString());
}

const what = "two servers, the same objects in other files and another order";

itSurvives("F11", `${what}: their bytes`, async () => {
  const yaml = shop(30);
  const parts = await mkdtemp(join(tmpdir(), "heddle-fault-"));
  await scatter(parts, yaml);
  const files: Record<string, string> = {};
  for (const name of await readdir(parts)) files[name] = await readFile(join(parts, name), "utf8");
  const servers = await Promise.all([LoneServer.start({ files: { "shop.yaml": yaml } }), LoneServer.start({ files })]);
  const sidecars = await Promise.all(
    servers.map(async (server) => {
      const sidecar = new ScriptedSidecar({ name: "app-1", namespace: "shop" });
      sidecar.connect(await dialAs(server, "app"));
      await waitFor("it to be served", () => sidecar.isComplete && sidecar.held.vhds.size > 0);
      await server.untilSynced(1);
      return sidecar;
    }),
  );
  const [one, other] = sidecars;
  let count = 0;
  const different: string[] = [];
  for (const type of xdsTypes.filter((type) => type !== "sds")) {
    // Secrets are made anew by each server: a leaf is never handed on.
    const names = new Set(sidecars.flatMap(({ held }) => [...held[type].keys()]));
    for (const name of names) {
      const [a, b] = [one?.held[type].get(name), other?.held[type].get(name)];
      count += 1;
      if (!a || !b || a.version !== b.version || Buffer.compare(a.value, b.value) !== 0)
        different.push(`${type} ${name}`);
    }
  }
  for (const sidecar of sidecars) sidecar.close();
  await Promise.all(servers.map((server) => server.close()));
  await rm(parts, { recursive: true });
  return {
    figure: `${count} resources, ${different.length} differ in bytes or version${different
      .slice(0, 3)
      .map((name) => ` ${name}`)
      .join("")}`,
    limit: "0",
    pass: count > 100 && different.length === 0,
  };
});

const changes =
  "^(listener_manager\\.listener_(added|modified|removed|in_place_updated)|cluster_manager\\.cluster_(added|modified|removed)|.*\\.(rds|vhds)\\..*\\.config_reload)$";

describe("with Envoys", () => {
  let mesh: TestMesh;
  const yaml = documents(clientPod("web"), echoService("reviews", ["v1", "v2"]), echoService("ratings"));

  beforeAll(async () => {
    mesh = await startMesh({ yaml });
    await waitFor("an answer", async () => (await mesh.request("web", "http://reviews:8080/")).ok === 1);
  });

  afterAll(() => mesh.close());

  itSurvives("F11", `${what}: one takes the other's place under load`, async () => {
    const counted = () => Promise.all(mesh.pods.map((pod) => mesh.envoyStats(pod, changes)));
    const isSynced = async (): Promise<boolean> => {
      const { out } = await mesh.heddle(["status", "-o", "json"]);
      const { proxies } = JSON.parse(out) as { proxies: readonly { readonly state: string }[] };
      return proxies.length === mesh.pods.length && proxies.every(({ state }) => state === "synced");
    };
    await waitFor("all to be synced", isSynced);
    const before = await counted();
    const load = mesh.startLoad("web", "http://reviews:8080/", { ratePerSecond: 100 });
    await mesh.controlPlane.stop();
    await rm(mesh.policyDirectory, { recursive: true });
    const other = `${mesh.policyDirectory}.other`;
    await mkdir(other);
    await scatter(other, yaml);
    await cp(other, `${other}.copy`, { recursive: true }); // new files, not those that were written
    await rename(`${other}.copy`, mesh.policyDirectory);
    await mesh.controlPlane.start();
    await waitFor("all to be synced with the other", isSynced);
    const { sent, failed } = await load.stop();
    const after = await counted();
    const pairs = before.flatMap((stats, n) => Object.entries(stats).map(([name, value]) => [value, after[n]?.[name]]));
    const changed = pairs.filter(([was, is]) => was !== is).length;
    return {
      ...{ requests: sent, failed },
      figure: `${changed} of ${pairs.length} counters of changes moved in ${before.length} Envoys, ${failed} of ${sent} requests failed`,
      limit: "0, 0",
      pass: changed === 0 && failed === 0 && sent > 100,
    };
  });
});
