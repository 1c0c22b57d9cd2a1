import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { connect as connectTls } from "node:tls";
import { status } from "@grpc/grpc-js";
import { parseAllDocuments } from "yaml";
import { DeltaClient } from "../../src/xds/testdata/client.ts";
import { ApiServer } from "../harness/api-server.ts";
import { projectRoot } from "../harness/project.ts";
import { waitFor } from "../harness/wait.ts";
import { apply, remove, type Manifest } from "./cluster.ts";
import { createPod, tokenFor } from "./pod.ts";
import { Replica } from "./replica.ts";

let server: ApiServer;
let replicas: Replica[] = [];
let root = "";
const clients: DeltaClient[] = [];

async function applyFile(path: string): Promise<void> {
  const documents = parseAllDocuments(await readFile(join(projectRoot(), path), "utf8"));
  for (const document of documents) await apply(server, document.toJS() as Manifest);
}

const webhooks = (kind: "Mutating" | "Validating", name: string): Manifest => ({
  apiVersion: "admissionregistration.k8s.io/v1",
  kind: `${kind}WebhookConfiguration`,
  metadata: { name },
  webhooks: ["one", "two"].map((webhook) => ({
    name: `${webhook}.heddle.io`,
    clientConfig: { service: { name: "heddle", namespace: "heddle-system", path: "/x" } },
    admissionReviewVersions: ["v1"],
    sideEffects: "None",
    failurePolicy: "Ignore",
    rules: [{ apiGroups: ["nobody.example"], apiVersions: ["v1"], operations: ["CREATE"], resources: ["nothings"] }],
  })),
});

beforeAll(async () => {
  server = await ApiServer.start();
  await apply(server, { apiVersion: "v1", kind: "Namespace", metadata: { name: "heddle-system" } });
  await applyFile("manifests/install/access.yaml");
  await applyFile("manifests/install/configuration.yaml");
  await server.admin.send("POST", { path: webhookPath("mutating") }, webhooks("Mutating", "heddle-injector"));
  await server.admin.send("POST", { path: webhookPath("validating") }, webhooks("Validating", "heddle-validator"));
  await apply(server, {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "reviews", namespace: "shop" },
    spec: { ports: [{ name: "http", port: 80 }], selector: { app: "reviews" } },
  });
  await createPod(server, "reviews-1", "reviews");
  // At the same time: of two that start in an empty cluster, one makes the CA.
  replicas = await Promise.all(["heddle-a", "heddle-b"].map((name) => Replica.start(server, name)));
  await Promise.all(replicas.map((one) => one.ready()));
  root = await secretText("root-cert.pem");
});

afterEach(() => {
  for (const client of clients.splice(0)) client.close();
});

afterAll(async () => {
  await Promise.all(replicas.map((one) => one.close()));
  await server?.close();
});

const webhookPath = (kind: string, name = ""): string =>
  `/apis/admissionregistration.k8s.io/v1/${kind}webhookconfigurations${name}`;

async function secretText(key: string): Promise<string> {
  const secret = await server.admin.get({ path: "/api/v1/namespaces/heddle-system/secrets/heddle-ca" });
  return Buffer.from((secret as { data: Record<string, string> }).data[key] ?? "", "base64").toString();
}

async function rootIn(namespace: string): Promise<string | undefined> {
  const path = `/api/v1/namespaces/${namespace}/configmaps/heddle-ca-root-cert`;
  return ((await server.admin.get({ path })) as { data: Record<string, string> }).data["root-cert.pem"];
}

/** The pod's stream to a replica, over TLS that the root of the Secret vouches for. */
async function connect(replica: Replica | undefined, token: string, pod = "reviews-1"): Promise<DeltaClient> {
  const { xdsPort: port } = (await replica?.ready()) ?? { xdsPort: 0 };
  const nodeId = pod && `sidecar~10.1.0.1~${pod}.shop~shop.svc.cluster.local`;
  const client = new DeltaClient({ port, root, token, nodeId, metadata: pod ? { NAME: pod, NAMESPACE: "shop" } : {} });
  clients.push(client);
  client.subscribe("cds", ["*"]);
  return client;
}

async function endOf(client: DeltaClient): Promise<string> {
  const end = await waitFor("the stream to end", () => client.ended);
  return end === "ok" ? "ok" : (status[end.code] ?? "");
}

const leader = async (): Promise<string> => {
  const path = "/apis/coordination.k8s.io/v1/namespaces/heddle-system/leases/heddle-leader";
  return ((await server.admin.get({ path })) as { spec: { holderIdentity: string } }).spec.holderIdentity;
};

it("makes one CA, keeps it in a Secret, and its root in every namespace and in both webhook configurations", async () => {
  const names = ["default", "shop", "heddle-system", "kube-system"];
  for (const name of names) await waitFor(`the root in ${name}`, async () => (await rootIn(name)) === root);
  await apply(server, { apiVersion: "v1", kind: "Namespace", metadata: { name: "late" } });
  await waitFor("the root in a new namespace", async () => (await rootIn("late")) === root);
  for (const path of ["mutating/heddle-injector", "validating/heddle-validator"]) {
    const [kind = "", name = ""] = path.split("/");
    const bundles = async (): Promise<unknown[]> => {
      const found = await server.admin.get({ path: webhookPath(kind, `/${name}`) });
      return (found as { webhooks: { clientConfig: { caBundle?: string } }[] }).webhooks.map(
        ({ clientConfig }) => clientConfig.caBundle,
      );
    };
    const expected = Buffer.from(root).toString("base64");
    await waitFor(`the caBundle of ${name}`, async () => (await bundles()).every((bundle) => bundle === expected));
  }
});

it("serves the same bytes from both replicas to a pod that shows its token (F11)", async () => {
  const token = await tokenFor(server, "reviews", { pod: "reviews-1" });
  const served = await Promise.all(
    replicas.map(async (replica) => {
      const { response } = await (await connect(replica, token)).accept("cds");
      return response.resources.map(({ name, version, resource }) => [
        name,
        version,
        Buffer.from(resource?.value ?? []).toString("base64"),
      ]);
    }),
  );
  expect(served[0]?.map(([name]) => name)).toContain("outbound|80||reviews.shop.svc.cluster.local");
  expect([...(served[1] ?? [])].sort()).toEqual([...(served[0] ?? [])].sort());
});

describe("a proxy is the pod its token is bound to (F41 to F43)", () => {
  it.each([
    ["another pod's name", "reviews", { pod: "reviews-1" }, "ratings-1", "PERMISSION_DENIED"],
    ["no name at all", "reviews", { pod: "reviews-1" }, "", "PERMISSION_DENIED"],
    [
      "a token for another audience",
      "reviews",
      { pod: "reviews-1", audience: "vault" },
      "reviews-1",
      "UNAUTHENTICATED",
    ],
    ["a token bound to no pod", "reviews", {}, "reviews-1", "PERMISSION_DENIED"],
  ])("and gets nothing with %s", async (_what, account, binding, claimed, expected) => {
    const client = await connect(replicas[0], await tokenFor(server, account, binding), claimed);
    expect(await endOf(client)).toBe(expected);
    expect(client.responses).toEqual([]);
  });

  it("and gets nothing with a forged signature, or when its pod is gone", async () => {
    await createPod(server, "reviews-2", "reviews");
    const token = await tokenFor(server, "reviews", { pod: "reviews-2" });
    const forged = await connect(replicas[0], `${token.slice(0, -12)}AAAAAAAAAAAA`, "reviews-2");
    expect(await endOf(forged)).toBe("UNAUTHENTICATED");
    const before = await connect(replicas[0], token, "reviews-2");
    await before.accept("cds");
    await remove(server, { apiVersion: "v1", kind: "Pod", metadata: { name: "reviews-2", namespace: "shop" } });
    await waitFor("the token of a deleted pod to be refused", async () => {
      const client = await connect(replicas[0], token, "reviews-2");
      await waitFor("an answer", () => client.ended !== undefined || client.responses.length > 0);
      return client.ended !== undefined && (await endOf(client)) === "UNAUTHENTICATED";
    });
    // A pod of the same name is another pod.
    await createPod(server, "reviews-2", "reviews");
    expect(await endOf(await connect(replicas[1], token, "reviews-2"))).toBe("UNAUTHENTICATED");
  });
});

it("keeps streams while the API server is down, and tells new ones to come again (F44)", async () => {
  const token = await tokenFor(server, "reviews", { pod: "reviews-1" });
  const fresh = await tokenFor(server, "reviews", { pod: "reviews-1" });
  const living = await connect(replicas[0], token);
  await living.accept("cds");
  await server.killServer();
  expect(await endOf(await connect(replicas[0], fresh))).toBe("UNAVAILABLE");
  living.subscribe("lds", ["*"]);
  expect((await living.accept("lds")).names).toContain("virtualOutbound");
  expect((await replicas[0]?.monitoring("/readyz"))?.status).toBe(200);
  await server.startServer();
  await waitFor("new streams to be served", async () => {
    const client = await connect(replicas[0], fresh);
    return waitFor("an answer", () => client.responses.length > 0, { timeoutMs: 2_000 });
  });
  expect(living.ended).toBeUndefined();
});

it("tells how it is on the monitoring port, and nothing secret", async () => {
  const [replica] = replicas;
  expect(await replica?.monitoring("/healthz")).toEqual({ status: 200, text: "ok\n" });
  const { text = "" } = (await replica?.monitoring("/metrics")) ?? {};
  expect(text).toContain("heddle_xds_streams");
  expect((await replica?.monitoring("/api/v1/proxies"))?.status).toBe(404);
  const key = (await secretText("ca-key.pem")).split("\n")[1] ?? "no key";
  for (const one of replicas) expect(await one.log()).not.toContain(key);
});

it("answers the API server's webhooks under its Service's name, with a certificate of the root in their caBundle", async () => {
  const { webhookPort } = (await replicas[0]?.ready()) ?? { webhookPort: 0 };
  const servername = "heddle.heddle-system.svc";
  const socket = connectTls({ host: "127.0.0.1", port: webhookPort, ca: root, servername });
  await once(socket, "secureConnect");
  expect(socket.authorized).toBe(true);
  socket.destroy();
});

it("hands leadership on when the leader stops, and when it is killed", async () => {
  const first = await waitFor("a leader", async () => replicas.find(({ name }) => name === "heddle-a") && leader());
  const stopping = replicas.find(({ name }) => name === first);
  const other = replicas.find(({ name }) => name !== first);
  const began = performance.now();
  expect(await stopping?.terminate()).toBe("status 0");
  expect(performance.now() - began).toBeLessThan(10_000); // the promise of F05, not a measurement
  await waitFor("the other to lead", async () => (await leader()) === other?.name);
  const third = await Replica.start(server, "heddle-c");
  replicas.push(third);
  await third.ready();
  await other?.kill9();
  await apply(server, { apiVersion: "v1", kind: "Namespace", metadata: { name: "after" } });
  await waitFor("the third to do a leader's work", async () => (await rootIn("after")) === root, { timeoutMs: 60_000 });
  expect(await leader()).toBe("heddle-c");
  expect(await secretText("root-cert.pem")).toBe(root);
});
