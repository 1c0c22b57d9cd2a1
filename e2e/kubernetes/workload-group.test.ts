import { readFile, writeFile } from "node:fs/promises";
import type { AddressInfo, Server } from "node:net";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { keepJoined, type Joining } from "../../src/app/member/joining.ts";
import { run } from "../../src/app/up/index.ts";
import { createLog } from "../../src/lib/index.ts";
import { ApiError } from "../../src/source/kubernetes/api.ts";
import { DeltaClient } from "../../src/xds/testdata/client.ts";
import type { GroupNotice } from "../../src/xds/index.ts";
import { ApiServer } from "../harness/api-server.ts";
import { projectRoot } from "../harness/project.ts";
import { waitFor } from "../harness/wait.ts";
import { apply, applyCrds, type Manifest } from "./cluster.ts";
import { createPod, tokenFor } from "./pod.ts";
import { Replica } from "./replica.ts";
import { startService } from "./service.ts";

let server: ApiServer;
let replicas: Replica[] = [];
let service: Server;
let root = "";
let podToken = "";

const networking = (kind: string, name: string, spec: object): Manifest => ({
  apiVersion: "networking.istio.io/v1",
  kind,
  metadata: { name, namespace: "shop" },
  spec,
});
const group = (template: object = {}): Manifest =>
  networking("WorkloadGroup", "vms", {
    metadata: { labels: { app: "vm" }, annotations: { "example.com/owner": "a" } },
    template: { serviceAccount: "vm", ports: { http: 8080 }, ...template },
    probe: { tcpSocket: { port: 8080 } },
  });

interface Entry {
  readonly metadata: {
    readonly annotations: Readonly<Record<string, string>>;
    readonly labels: object;
    readonly ownerReferences: readonly object[];
  };
  readonly spec: object;
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

const at = (name: string): string => `/apis/networking.istio.io/v1/namespaces/shop/workloadentries/${name}`;
async function entryOf(address: string): Promise<Entry | undefined> {
  try {
    return (await server.admin.get({ path: at(`vms-${address}`) })) as Entry;
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return undefined;
    throw error;
  }
}
const untilGone = (address: string): Promise<unknown> =>
  waitFor(`the entry of ${address} to go`, async () => (await entryOf(address)) === undefined);
const controllerOf = async (address: string): Promise<string | undefined> =>
  (await entryOf(address))?.metadata.annotations["istio.io/workloadController"];
const healthOf = async (address: string): Promise<string | undefined> =>
  (await entryOf(address))?.status?.conditions?.find(({ type }) => type === "Healthy")?.status;

/** Whether a replica gives its proxies an endpoint of the service there. */
async function isServedBy(replica: Replica | undefined, address: string): Promise<boolean> {
  const { xdsPort: port } = (await replica?.ready()) ?? { xdsPort: 0 };
  const nodeId = "sidecar~10.1.0.1~client-1.shop~shop.svc.cluster.local";
  const metadata = { NAME: "client-1", NAMESPACE: "shop" };
  const client = new DeltaClient({ port, root, token: podToken, nodeId, metadata });
  try {
    client.subscribe("cds", ["*"]);
    await client.accept("cds");
    client.subscribe("eds", ["outbound|80||vms.example"]);
    const { response } = await client.accept("eds");
    return response.resources.some(({ resource }) => Buffer.from(resource?.value ?? []).includes(address));
  } finally {
    client.close();
  }
}
const untilServed = (address: string, served: boolean): Promise<unknown> =>
  waitFor(`both replicas to ${served ? "serve" : "drop"} ${address}`, async () => {
    const all = await Promise.all(replicas.map((replica) => isServedBy(replica, address)));
    return all.every((one) => one === served);
  });

let vms = 0;
/** A workload joins by the Service, as `heddle proxy` does. */
async function joinGroup(address: string, notices: GroupNotice[] = []): Promise<Joining> {
  const token = join(server.folder, `token-${(vms += 1)}`);
  const roots = join(server.folder, "roots.pem");
  const heddle = join(projectRoot(), "bin/heddle");
  const [state = ""] = replicas.map(({ stateDirectory }) => stateDirectory).slice(-1);
  await run([heddle, "token", "create", "-n", "shop", "-s", "vm", "--state-dir", state, "--out", token]);
  await writeFile(roots, root);
  const { port } = service.address() as AddressInfo;
  return keepJoined({
    controlPlane: { address: "127.0.0.1", port, serverName: "heddle.heddle-system.svc" },
    caFile: roots,
    tokenFile: token,
    claim: { group: "vms", address, network: "", labels: { version: "v1" }, locality: "" },
    onNotice: (notice) => notices.push(notice),
    log: createLog("silent"),
  });
}

beforeAll(async () => {
  server = await ApiServer.start();
  await applyCrds(server);
  await apply(server, { apiVersion: "v1", kind: "Namespace", metadata: { name: "heddle-system" } });
  const access = await readFile(join(projectRoot(), "manifests/install/access.yaml"), "utf8");
  for (const document of parseAllDocuments(access)) await apply(server, document.toJS() as Manifest);
  await apply(server, group());
  await apply(
    server,
    networking("ServiceEntry", "vms", {
      hosts: ["vms.example"],
      location: "MESH_INTERNAL",
      resolution: "STATIC",
      ports: [{ number: 80, name: "http", protocol: "HTTP" }],
      workloadSelector: { labels: { app: "vm", version: "v1" } },
    }),
  );
  await createPod(server, "client-1", "client");
  replicas = await Promise.all(["heddle-a", "heddle-b"].map((name) => Replica.start(server, name)));
  service = await startService(await Promise.all(replicas.map(async (one) => (await one.ready()).xdsPort)));
  const secret = await server.admin.get({ path: "/api/v1/namespaces/heddle-system/secrets/heddle-ca" });
  const encoded = (secret as { data: Record<string, string> }).data["root-cert.pem"] ?? "";
  root = Buffer.from(encoded, "base64").toString();
  podToken = await tokenFor(server, "client", { pod: "client-1" });
});

afterAll(async () => {
  service?.close();
  await Promise.all(replicas.map((one) => one.close()));
  await server?.close();
});

it("writes the entry as Istio does, owned by its group; all replicas follow its health; it goes when the workload leaves", async () => {
  const address = "10.9.0.1";
  const notices: GroupNotice[] = [];
  const joined = await joinGroup(address, notices);
  const entry = await waitFor("the entry", () => entryOf(address));
  const { uid } = (
    (await server.admin.get({ path: at("").replace("workloadentries/", "workloadgroups/vms") })) as {
      metadata: { uid: string };
    }
  ).metadata;
  expect(entry).toMatchObject({
    metadata: {
      labels: { app: "vm", version: "v1" },
      annotations: {
        "example.com/owner": "a",
        "istio.io/autoRegistrationGroup": "vms",
        "istio.io/workloadController": "heddle-system/heddle-a",
        "istio.io/connectedAt": expect.stringMatching(/^\d{4}-.*Z$/) as string,
        "proxy.istio.io/health-checks-enabled": "true",
      },
      ownerReferences: [{ kind: "WorkloadGroup", name: "vms", uid, controller: true }],
    },
    spec: { address, serviceAccount: "vm", ports: { http: 8080 } },
  });
  expect(notices).toMatchObject([{ entry: "vms-10.9.0.1", probe: { tcpSocket: { port: 8080 } } }]);
  await waitFor("its health to be written", async () => (await healthOf(address)) === "False");
  await untilServed(address, false);
  joined.report(true, "");
  await untilServed(address, true);
  expect(await healthOf(address)).toBe("True");
  joined.report(false, "no connection");
  await untilServed(address, false);
  await joined.leave();
  await untilGone(address);
});

it("follows edits of the group, and makes an entry anew that somebody has deleted", async () => {
  const address = "10.9.0.2";
  const joined = await joinGroup(address);
  joined.report(true, "");
  await untilServed(address, true);
  await apply(server, group({ weight: 7 }));
  await waitFor("the weight", async () => JSON.stringify((await entryOf(address))?.spec ?? {}).includes('"weight":7'));
  await server.admin.send("DELETE", { path: at(`vms-${address}`) });
  await waitFor("the entry to be there again", async () => (await healthOf(address)) === "True");
  await joined.leave();
  await untilGone(address);
});

it("keeps the entry, and its health, when its replica is killed: the workload connects to the other, which takes it over", async () => {
  const address = "10.9.0.3";
  const joined = await joinGroup(address);
  joined.report(true, "");
  await untilServed(address, true);
  expect(await controllerOf(address)).toBe("heddle-system/heddle-a");
  const seen: unknown[] = [];
  let isWatching = true;
  const watching = (async () => {
    while (isWatching) {
      const health = await healthOf(address);
      if (health !== "True") seen.push(health);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  })();
  await replicas[0]?.kill9();
  replicas = replicas.slice(1);
  await waitFor(
    "the other replica to take over",
    async () => (await controllerOf(address)) === "heddle-system/heddle-b",
  );
  await untilServed(address, true);
  isWatching = false;
  await watching;
  expect(seen).toEqual([]);
  await joined.leave();
  await untilGone(address);
});

it("says which right is missing to write entries", async () => {
  const documents = parseAllDocuments(await readFile(join(projectRoot(), "manifests/install/access.yaml"), "utf8"));
  const manifests = documents.map((document) => document.toJS() as Manifest);
  const poor = manifests.find(({ kind, metadata }) => kind === "ClusterRole" && metadata.name === "heddle");
  if (!poor) throw new Error("there is no role");
  const rules = (poor["rules"] as { resources: string[] }[]).filter(
    ({ resources }) => !resources.includes("workloadentries"),
  );
  await apply(server, { ...poor, rules });
  const replica = await Replica.start(server, "heddle-poor");
  replicas.push(replica);
  await replica.ready();
  const line = await waitFor("the log line", () =>
    replica.said("rights are missing: see manifests/install/access.yaml"),
  );
  const of = (verb: string): string => `${verb} workloadentries.networking.istio.io`;
  expect(line["missing"]).toEqual(["get", "create", "update", "delete"].map(of));
});
