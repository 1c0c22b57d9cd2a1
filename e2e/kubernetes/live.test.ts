import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { parseAllDocuments } from "yaml";
import { ApiServer, kubernetesBinaries } from "../harness/api-server.ts";
import { projectRoot } from "../harness/project.ts";
import { waitFor } from "../harness/wait.ts";
import { AnsweringProxy } from "./answering-proxy.ts";
import { apply, applyCrds, pathOf, type Manifest } from "./cluster.ts";
import { createPod, tokenFor } from "./pod.ts";
import { Replica } from "./replica.ts";

let server: ApiServer;
const replicas: Replica[] = [];
const proxies: AnsweringProxy[] = [];
const cluster = "outbound|80||reviews.shop.svc.cluster.local";

const rule = (seconds: number): Manifest => ({
  apiVersion: "networking.istio.io/v1",
  kind: "DestinationRule",
  metadata: { name: "reviews", namespace: "shop" },
  spec: { host: "reviews", trafficPolicy: { connectionPool: { tcp: { connectTimeout: `${seconds}s` } } } },
});

interface Written {
  readonly metadata: { readonly generation: number; readonly resourceVersion: string };
  readonly status?: { readonly conditions?: readonly Readonly<Record<string, unknown>>[] };
}

const read = async (): Promise<Written> => (await server.admin.get({ path: pathOf(rule(1), "reviews") })) as Written;

/** The condition once it is of this generation, and not what it was. */
const liveAt = (generation: number, status: string): Promise<Readonly<Record<string, unknown>>> =>
  waitFor(
    `Live=${status} of generation ${generation}`,
    async () => {
      const found = (await read()).status?.conditions?.find(({ type }) => type === "heddle.io/Live");
      if (found?.["observedGeneration"] === generation && found["status"] === status) return found;
      throw new Error(JSON.stringify(found));
    },
    { timeoutMs: 90_000 },
  );

async function connect(replica: Replica, pod: string, root: string): Promise<AnsweringProxy> {
  await createPod(server, pod, "reviews");
  const token = await tokenFor(server, "reviews", { pod });
  const { xdsPort: port } = await replica.ready();
  const nodeId = `sidecar~10.1.0.1~${pod}.shop~shop.svc.cluster.local`;
  const proxy = new AnsweringProxy({ port, root, token, nodeId, metadata: { NAME: pod, NAMESPACE: "shop" } }, cluster);
  proxies.push(proxy);
  return proxy;
}

beforeAll(async () => {
  server = await ApiServer.start();
  await applyCrds(server);
  await apply(server, { apiVersion: "v1", kind: "Namespace", metadata: { name: "heddle-system" } });
  const access = await readFile(join(projectRoot(), "manifests/install/access.yaml"), "utf8");
  for (const document of parseAllDocuments(access)) await apply(server, document.toJS() as Manifest);
  await apply(server, {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "reviews", namespace: "shop" },
    spec: { ports: [{ name: "http", port: 80 }], selector: { app: "reviews" } },
  });
  replicas.push(...(await Promise.all(["heddle-a", "heddle-b"].map((name) => Replica.start(server, name)))));
  await Promise.all(replicas.map((one) => one.ready()));
  const secret = await server.admin.get({ path: "/api/v1/namespaces/heddle-system/secrets/heddle-ca" });
  const encoded = (secret as { data: Record<string, string> }).data["root-cert.pem"] ?? "";
  const root = Buffer.from(encoded, "base64").toString();
  for (const [index, replica] of replicas.entries()) await connect(replica, `reviews-${index + 1}`, root);
});

afterAll(async () => {
  for (const proxy of proxies) proxy.close();
  await Promise.all(replicas.map((one) => one.close()));
  await server?.close();
});

it("is live when the proxies of both replicas hold it, and kubectl can wait for that", async () => {
  await apply(server, rule(1));
  expect(await liveAt(1, "True")).toMatchObject({ reason: "Live" });
  const args = ["wait", "--for=condition=heddle.io/Live=true", "destinationrule/reviews", "-n", "shop"];
  const env = { KUBECONFIG: await server.kubeConfigFile("admin"), HOME: server.folder };
  const { stdout } = await promisify(execFile)(join(kubernetesBinaries(), "kubectl"), [...args, "--timeout=60s"], {
    env,
  });
  expect(stdout).toBe("destinationrule.networking.istio.io/reviews condition met\n");
});

it.each([0, 1])("waits for the proxy of replica %i, whoever leads", async (index) => {
  const before = (await read()).metadata.generation;
  const proxy = proxies[index];
  if (!proxy) throw new Error("no proxy");
  proxy.manner = "hold";
  await apply(server, rule(2 + index));
  await waitFor("the proxy to be asked", () => proxy.hasSomethingHeld);
  expect(await liveAt(before + 1, "Unknown")).toMatchObject({
    reason: "Waiting",
    message: `waiting for reviews-${index + 1}.shop`,
  });
  proxy.manner = "take";
  await liveAt(before + 1, "True");
});

it.each([0, 1])("says who refused it, in Envoy's words, and which field it came from (replica %i)", async (index) => {
  const proxy = proxies[index];
  if (!proxy) throw new Error("no proxy");
  const before = (await read()).metadata.generation;
  proxy.manner = { refuse: "connect timeout out of range" };
  await apply(server, rule(10 + index));
  const { message } = await liveAt(before + 1, "False");
  const refused = `reviews-${index + 1}.shop refused cds ${cluster}: connect timeout out of range; from spec`;
  expect(message).toContain(refused);
  proxy.manner = "take";
  await apply(server, rule(20 + index));
  await liveAt(before + 2, "True");
  const { metadata } = await read();
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  expect((await read()).metadata.resourceVersion).toBe(metadata.resourceVersion); // it is not written again and again
});

it("waits no longer for a replica that was killed", async () => {
  const before = (await read()).metadata.generation;
  await replicas[0]?.kill9();
  await apply(server, rule(30));
  await liveAt(before + 1, "True");
});
