import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { status } from "@grpc/grpc-js";
import { parseAllDocuments } from "yaml";
import { DeltaClient } from "../../src/xds/testdata/client.ts";
import { ApiServer, freePorts } from "../harness/api-server.ts";
import { projectRoot } from "../harness/project.ts";
import { waitFor } from "../harness/wait.ts";
import { apply, type Manifest } from "./cluster.ts";
import { createPod, tokenFor } from "./pod.ts";
import { Replica } from "./replica.ts";

let server: ApiServer;
let replica: Replica;
let client: DeltaClient | undefined;
let access: Manifest[] = [];
let xdsPort = 0;
let monitoringPort = 0;

interface Rule {
  readonly resources: readonly string[];
}

/** The manifests' rights, where one kind of all cannot be read yet. */
const withoutNodes = (manifest: Manifest): Manifest => ({
  ...manifest,
  ...(manifest.kind === "ClusterRole" && {
    rules: (manifest["rules"] as readonly Rule[]).map((rule) => ({
      ...rule,
      resources: rule.resources.filter((name) => name !== "nodes"),
    })),
  }),
});

beforeAll(async () => {
  server = await ApiServer.start();
  const text = await readFile(join(projectRoot(), "manifests/install/access.yaml"), "utf8");
  access = parseAllDocuments(text).map((document) => document.toJS() as Manifest);
  for (const manifest of access) await apply(server, withoutNodes(manifest));
  await createPod(server, "reviews-1", "reviews");
  [xdsPort = 0, monitoringPort = 0] = await freePorts(2);
  replica = await Replica.start(server, "heddle-a", { xdsPort, monitoringPort });
});

afterAll(async () => {
  client?.close();
  await replica?.close();
  await server?.close();
});

const metrics = async (): Promise<string> => (await fetch(`http://127.0.0.1:${monitoringPort}/metrics`)).text();
const probe = async (path: string): Promise<number> =>
  (await fetch(`http://127.0.0.1:${monitoringPort}${path}`)).status;
const sentBytes = /^heddle_xds_pushed_bytes_total\S* [1-9]/m;

it("is not ready and sends no byte before it has read every kind (F03), and says which kind is missing", async () => {
  await waitFor("the refusal", async () =>
    (await metrics()).includes('heddle_watch_state{kind="Node",state="frozen"} 1'),
  );
  await waitFor("the others", async () =>
    (await metrics()).includes('heddle_watch_state{kind="Pod",state="synced"} 1'),
  );
  const root = await waitFor("the CA", async () => {
    const found = await server.admin.get({ path: "/api/v1/namespaces/heddle-system/secrets/heddle-ca" });
    return Buffer.from((found as { data: Record<string, string> }).data["root-cert.pem"] ?? "", "base64").toString();
  });
  const token = await tokenFor(server, "reviews", { pod: "reviews-1" });
  const nodeId = "sidecar~10.1.0.1~reviews-1.shop~shop.svc.cluster.local";
  const options = { port: xdsPort, root, nodeId, metadata: { NAME: "reviews-1", NAMESPACE: "shop" } };
  // A stranger is sent away already, so whoever is known is waiting by now.
  await waitFor("the port to judge callers", async () => {
    const stranger = new DeltaClient({ ...options, token: "nobody" });
    if (!client) {
      client = new DeltaClient({ ...options, token });
      client.subscribe("cds", ["*"]);
    }
    stranger.subscribe("cds", ["*"]);
    const end = await waitFor("its answer", () => stranger.ended);
    stranger.close();
    if (client.ended !== undefined) client = undefined; // it came before there was a port
    return end !== "ok" && end.code === status.UNAUTHENTICATED && client !== undefined;
  });
  expect(await probe("/readyz")).toBe(503);
  expect(await probe("/healthz")).toBe(200);
  expect(await metrics()).not.toMatch(sentBytes);
  expect([client?.responses, client?.ended]).toEqual([[], undefined]);
  for (const manifest of access) await apply(server, manifest);
  const response = await client?.accept("cds"); // on the stream that waited
  expect(response?.names.length).toBeGreaterThan(0);
  expect(await metrics()).toMatch(sentBytes);
  await waitFor("it to be ready", async () => (await probe("/readyz")) === 200);
  expect(await metrics()).toContain('heddle_watch_state{kind="Node",state="synced"} 1');
});

it("counts what its watches hold, and when they heard of it", async () => {
  const value = async (name: string): Promise<number> =>
    Number((await metrics()).split(`\n${name} `)[1]?.split("\n")[0] ?? Number.NaN);
  expect(await value('heddle_watch_objects{kind="Pod"}')).toBe(1);
  expect(await value('heddle_watch_state{kind="VirtualService",state="absent"}')).toBe(1);
  expect(await value('heddle_watch_contact_timestamp_seconds{kind="VirtualService"}')).toBe(0);
  const heard = await value('heddle_watch_contact_timestamp_seconds{kind="Pod"}');
  expect(Math.abs(Date.now() / 1000 - heard)).toBeLessThan(600);
  await createPod(server, "reviews-2", "reviews");
  await waitFor("the pod", async () => (await value('heddle_watch_objects{kind="Pod"}')) === 2);
  expect(await value('heddle_watch_contact_timestamp_seconds{kind="Pod"}')).toBeGreaterThan(heard);
});
