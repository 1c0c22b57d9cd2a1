import { createLog } from "../../src/lib/index.ts";
import { openKubernetesSource, type KubernetesSource } from "../../src/source/index.ts";
import { ApiServer } from "../harness/api-server.ts";
import { waitFor } from "../harness/wait.ts";
import { apply, remove, type Manifest } from "./cluster.ts";

let server: ApiServer;
let source: KubernetesSource;

beforeAll(async () => {
  server = await ApiServer.start();
  await apply(server, service("cart"));
  source = openKubernetesSource({
    kubeConfig: server.kubeConfig("admin"),
    namespace: "heddle-system",
    log: createLog("silent"),
    onChange: () => undefined,
  });
  await source.start();
});

afterAll(async () => {
  await source?.stop();
  await server?.close();
});

const service = (name: string, port = 80): Manifest => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: { name, namespace: "shop" },
  spec: { ports: [{ name: "http", port }], selector: { app: name } },
});

const named = (kind: string): readonly string[] =>
  source
    .objects()
    .filter((object) => object.kind === kind)
    .map(({ metadata }) => metadata.name);

it("holds what was there when it started", () => {
  expect(named("Service")).toEqual(expect.arrayContaining(["cart", "kubernetes"]));
  expect(named("Namespace")).toContain("shop");
});

it("hears of what is made, changed and deleted", async () => {
  await apply(server, service("pay"));
  await waitFor("the service", () => named("Service").includes("pay"));
  const port = () =>
    source
      .objects()
      .flatMap((object) =>
        object.kind === "Service" && object.metadata.name === "pay" ? object.spec.ports[0]?.port : [],
      )[0];
  await apply(server, service("pay", 81));
  await waitFor("its port", () => port() === 81);
  await remove(server, service("pay"));
  await waitFor("it to be gone", () => !named("Service").includes("pay"));
});

it("says that a kind without a CRD is absent, and nothing of it", () => {
  const states = Object.fromEntries(source.watches().map(({ kind, state }) => [kind, state]));
  expect(states).toMatchObject({ Service: "synced", Pod: "synced", ConfigMap: "synced", VirtualService: "absent" });
  expect(source.problems()).toEqual([]);
});
