import { createServer, request, type Server } from "node:http";
import type { Server as TcpServer } from "node:net";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { parseAllDocuments } from "yaml";
import { proxyFiles, writeProxyFiles } from "../../src/app/up/sidecar.ts";
import { startProcess, type RunningProcess } from "../../src/app/up/index.ts";
import { buildBootstrap } from "../../src/node/index.ts";
import { ApiServer, freePorts } from "../harness/api-server.ts";
import { envoyBinary } from "../harness/envoy-binary.ts";
import { parseStats } from "../harness/envoy-stats.ts";
import { projectRoot } from "../harness/project.ts";
import { waitFor } from "../harness/wait.ts";
import { apply, applyCrds, type Manifest } from "./cluster.ts";
import { createPod, tokenFor } from "./pod.ts";
import { Replica } from "./replica.ts";
import { startService } from "./service.ts";

let server: ApiServer;
let replicas: Replica[] = [];
let envoy: RunningProcess | undefined;
let app: Server;
let service: TcpServer;
let [gatewayPort, adminPort] = [0, 0];

const portOf = (listening: TcpServer | Server): number => (listening.address() as { port: number }).port;
const networking = (kind: string, name: string, spec: object): Manifest => ({
  apiVersion: "networking.istio.io/v1",
  kind,
  metadata: { name, namespace: "shop" },
  spec,
});
const route = (marker: string): Manifest =>
  networking("VirtualService", "app", {
    hosts: ["*"],
    gateways: ["edge"],
    http: [
      {
        headers: { response: { set: { "x-marker": marker } } },
        route: [{ destination: { host: "app.example", port: { number: 80 } } }],
      },
    ],
  });

/** One request on a connection of its own; what is not 200 is its answer's status, or how the connection failed. */
const ask = (): Promise<{ status: number | string; marker?: unknown }> =>
  new Promise((resolve) => {
    const asked = request({ host: "127.0.0.1", port: gatewayPort, agent: false, timeout: 10_000 }, (response) => {
      response.resume();
      response.on("end", () => resolve({ status: response.statusCode ?? 0, marker: response.headers["x-marker"] }));
    });
    asked.on("error", (error) => resolve({ status: error.message }));
    asked.on("timeout", () => asked.destroy(new Error("no answer")));
    asked.end();
  });

async function stats(): Promise<Record<string, number>> {
  return parseStats(await (await fetch(`http://127.0.0.1:${adminPort}/stats`)).text());
}

const streamsOf = async (replica: Replica | undefined): Promise<number> => {
  const { text = "" } = (await replica?.monitoring("/metrics")) ?? {};
  return [...text.matchAll(/^heddle_xds_streams(?:\{[^}]*\})? (\d+)/gm)].reduce(
    (sum, [, count]) => sum + Number(count),
    0,
  );
};

async function startEnvoy(root: string): Promise<RunningProcess> {
  await createPod(server, "edge-1", "edge", { istio: "ingressgateway" });
  const folder = join(server.folder, "edge");
  const files = proxyFiles(folder);
  const [admin = 0, readiness = 0, prometheus = 0] = await freePorts(3);
  adminPort = admin;
  const { value, problems } = buildBootstrap({
    node: {
      type: "router",
      name: "edge-1",
      namespace: "shop",
      serviceAccount: "edge",
      addresses: ["10.1.0.1"],
      labels: { istio: "ingressgateway" },
    },
    controlPlane: { address: "127.0.0.1", port: portOf(service), serverName: "heddle.heddle-system.svc" },
    files,
    ports: { admin, readiness, prometheus },
  });
  if (!value) throw new Error(JSON.stringify(problems));
  const bootstrap = await writeProxyFiles(folder, value, files);
  for (const [file, text] of [
    [files.caFile, root],
    [files.tokenFile, await tokenFor(server, "edge", { pod: "edge-1" })],
  ] as const) {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text, { mode: 0o600 });
  }
  const command = [envoyBinary, "-c", bootstrap, "--concurrency", "1", "--disable-hot-restart", "-l", "warning"];
  return startProcess({ command, logFile: join(folder, "log") });
}

beforeAll(async () => {
  [server, app] = await Promise.all([
    ApiServer.start(),
    new Promise<Server>((resolve) => {
      const listening = createServer((_request, response) => response.end("ok")).listen(0, "127.0.0.1", () =>
        resolve(listening),
      );
    }),
  ]);
  [gatewayPort = 0] = await freePorts(1);
  await applyCrds(server);
  await apply(server, { apiVersion: "v1", kind: "Namespace", metadata: { name: "heddle-system" } });
  const access = await readFile(join(projectRoot(), "manifests/install/access.yaml"), "utf8");
  for (const document of parseAllDocuments(access)) await apply(server, document.toJS() as Manifest);
  await apply(
    server,
    networking("ServiceEntry", "app", {
      hosts: ["app.example"],
      ports: [{ number: 80, name: "http", protocol: "HTTP", targetPort: portOf(app) }],
      resolution: "STATIC",
      location: "MESH_EXTERNAL",
      endpoints: [{ address: "127.0.0.1" }],
    }),
  );
  await apply(
    server,
    networking("Gateway", "edge", {
      selector: { istio: "ingressgateway" },
      servers: [{ port: { number: gatewayPort, name: "http", protocol: "HTTP" }, hosts: ["*"] }],
    }),
  );
  await apply(server, route("one"));
  replicas = await Promise.all(["heddle-a", "heddle-b"].map((name) => Replica.start(server, name)));
  service = await startService(await Promise.all(replicas.map(async (one) => (await one.ready()).xdsPort)));
  const secret = await server.admin.get({ path: "/api/v1/namespaces/heddle-system/secrets/heddle-ca" });
  const encoded = (secret as { data: Record<string, string> }).data["root-cert.pem"] ?? "";
  envoy = await startEnvoy(Buffer.from(encoded, "base64").toString());
});

afterAll(async () => {
  await envoy?.stop(0);
  service?.close();
  app?.closeAllConnections();
  app?.close();
  await Promise.all(replicas.map((one) => one.close()));
  await server?.close();
});

it("loses no request and changes nothing when its replica is killed: the other goes on (F11, F44)", async () => {
  await waitFor("the gateway to answer", async () => (await ask()).marker === "one");
  expect(await Promise.all(replicas.map(streamsOf))).toEqual([1, 0]);
  const before = await stats();
  const failed: unknown[] = [];
  let sent = 0;
  let isLoaded = true;
  const load = Array.from({ length: 4 }, async () => {
    while (isLoaded) {
      const { status } = await ask();
      sent += 1;
      if (status !== 200) failed.push(status);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  });
  await waitFor("load", () => sent > 50);
  await replicas[0]?.kill9();
  await waitFor("the other replica to have the stream", async () => (await streamsOf(replicas[1])) === 1);
  const settled = sent;
  await waitFor("more load", () => sent > settled + 50);
  const after = await stats();
  const changes = Object.keys(after).filter(
    (name) =>
      /^(listener_manager\.listener|cluster_manager\.cluster)_(added|modified|removed|in_place_updated)$/.test(name) &&
      after[name] !== before[name],
  );
  expect(changes).toEqual([]);
  // It is served by the other: what changes now comes from there.
  await apply(server, route("two"));
  await waitFor("the change", async () => (await ask()).marker === "two");
  isLoaded = false;
  await Promise.all(load);
  expect(failed).toEqual([]);
  expect(sent).toBeGreaterThan(100);
  const rejected = Object.entries(await stats()).filter(
    ([name, value]) => name.endsWith("update_rejected") && value > 0,
  );
  expect(rejected).toEqual([]);
});
