import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ApiServer } from "../harness/api-server.ts";
import { projectRoot } from "../harness/project.ts";
import { apply, applyCrds } from "./cluster.ts";

let server: ApiServer;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "heddle-check-"));
  server = await ApiServer.start();
  await applyCrds(server);
  const metadata = (name: string, namespace = "shop") => ({ name, namespace });
  await apply(server, {
    ...{ apiVersion: "v1", kind: "Namespace" },
    metadata: { name: "shop", labels: { "istio-injection": "enabled" } },
  });
  await apply(server, {
    ...{ apiVersion: "v1", kind: "Service" },
    metadata: { ...metadata("cart"), annotations: { "networking.istio.io/exportsTo": "." } },
    spec: { selector: { app: "cart" }, ports: [{ name: "main", port: 80 }] },
  });
  await apply(server, {
    ...{ apiVersion: "v1", kind: "ServiceAccount", metadata: metadata("default") },
  });
  await apply(server, {
    ...{ apiVersion: "v1", kind: "Pod", metadata: metadata("cart-1") },
    spec: { containers: [{ name: "app", image: "app", securityContext: { runAsUser: 1337 } }] },
  });
  await apply(server, {
    ...{ apiVersion: "networking.istio.io/v1", kind: "VirtualService", metadata: metadata("cart") },
    spec: { hosts: ["cart"], http: [{ route: [{ destination: { host: "card" } }] }] },
  });
});
afterAll(async () => {
  await server?.close();
  await rm(folder, { recursive: true, force: true });
});

/** `CODE field @ file` of each problem of the namespace, and the exit status. */
async function check(...flags: string[]): Promise<{ status: number; found: string[] }> {
  const command = ["check", "--kubernetes", "--kubeconfig", await server.kubeConfigFile("admin"), "-o", "json"];
  const { status, out } = await new Promise<{ status: number; out: string }>((resolve) =>
    execFile(join(projectRoot(), "bin/heddle"), [...command, ...flags], (error, out) =>
      resolve({ status: error ? Number(error.code) : 0, out }),
    ),
  );
  const problems = JSON.parse(out) as { code: string; field: string; file: string; object?: { namespace: string } }[];
  const ours = problems.filter(({ object }) => object?.namespace === "shop");
  return { status, found: ours.map(({ code, field, file }) => `${code} ${field} @ ${file.replace(/@.*/, "")}`).sort() };
}

const ofCluster = [
  "IST0108 metadata.annotations.networking.istio.io/exportsTo @ Service/shop/cart",
  "IST0103 metadata.name @ Pod/shop/cart-1",
  "IST0118 spec.ports[0].name @ Service/shop/cart",
  "IST0144 spec.containers[0].securityContext.runAsUser @ Pod/shop/cart-1",
];

it("looks at what a cluster holds, and leaves it as it is", async () => {
  const missing = "IST0101 spec.http[0].route[0].destination.host @ VirtualService/shop/cart";
  expect(await check()).toEqual({ status: 0, found: [missing, ...ofCluster].sort() });
  expect((await check("--fail-on", "warning")).status).toBe(1);
  const path = "/apis/networking.istio.io/v1/namespaces/shop/virtualservices/cart";
  expect(await server.admin.get({ path })).not.toHaveProperty("status.conditions");
});

it("tells what a file would make of it", async () => {
  const file = join(folder, "mended.yaml");
  await writeFile(
    file,
    `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: cart, namespace: shop }
spec: { hosts: [cart], http: [{ route: [{ destination: { host: cart } }] }] }
`,
  );
  expect(await check("-f", file)).toEqual({ status: 0, found: ofCluster.toSorted() });
});
