import { execFile } from "node:child_process";
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { parse, parseAllDocuments } from "yaml";
import { ApiServer } from "../harness/api-server.ts";
import { projectRoot } from "../harness/project.ts";
import { apply, pathOf, type Manifest } from "./cluster.ts";

const crds = join(projectRoot(), "manifests/crds");
let server: ApiServer;
let output: string;

beforeAll(async () => {
  server = await ApiServer.start();
  // As if Istio had been here: what is there stays as it is.
  const theirs = parse(await readFile(join(crds, "peer-authentication.yaml"), "utf8")) as Manifest;
  await apply(server, { ...theirs, metadata: { ...theirs.metadata, labels: { release: "istio" } } });
  const kubeconfig = await server.kubeConfigFile("admin");
  const command = ["crds", "install", "--from", crds, "--kubeconfig", kubeconfig];
  output = (await promisify(execFile)(join(projectRoot(), "bin/heddle"), command)).stdout;
});
afterAll(() => server?.close());

interface Definition {
  readonly status: { readonly conditions: readonly { readonly type: string; readonly status: string }[] };
  readonly spec: { readonly names: { readonly kind: string }; readonly versions: readonly { readonly name: string }[] };
}

it("are created only where they are absent", async () => {
  expect(output).toMatch(/^peerauthentications\.security\.istio\.io: is there already$/m);
  expect(output.match(/: created$/gm)).toHaveLength(14);
  const path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/peerauthentications.security.istio.io";
  expect(await server.admin.get({ path })).toMatchObject({ metadata: { labels: { release: "istio" } } });
});

it("are served in every version, and are structural", async () => {
  const { items } = (await server.admin.get({
    path: "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
  })) as { items: Definition[] };
  const versions = Object.fromEntries(
    items.map(({ spec }) => [spec.names.kind, spec.versions.map(({ name }) => name)]),
  );
  expect(versions).toMatchObject({
    VirtualService: ["v1", "v1beta1", "v1alpha3"],
    PeerAuthentication: ["v1", "v1beta1"],
    EnvoyFilter: ["v1alpha3"],
    ProxyConfig: ["v1beta1"],
    RateLimit: ["v1alpha1"],
  });
  for (const { status } of items) {
    const met = status.conditions.filter((condition) => condition.status === "True").map(({ type }) => type);
    expect(met).toContain("Established");
    expect(met).not.toContain("NonStructuralSchema");
  }
});

it("take every policy of the goldens that is valid, and no unknown field", async () => {
  const root = join(projectRoot(), "src/envoy/testdata");
  const cases = (await readdir(root, { recursive: true })).filter(
    (file) => file.endsWith("in.yaml") && !file.includes("invalid"),
  );
  const objects = new Map<string, Manifest>();
  for (const file of cases)
    for (const document of parseAllDocuments(await readFile(join(root, file), "utf8"))) {
      const object = document.toJS() as Manifest | null;
      if (object?.apiVersion?.includes(".istio.io/") && object.kind !== "MeshConfig")
        objects.set(JSON.stringify(object), object);
    }
  expect(objects.size).toBeGreaterThan(50);
  const refused: string[] = [];
  for (const object of objects.values()) {
    const it = { ...object, metadata: { ...object.metadata, namespace: "default" } };
    await server.admin
      .send("POST", { path: pathOf(it), query: { dryRun: "All", fieldValidation: "Strict" } }, it)
      .catch((error: Error) => refused.push(`${object.kind} ${object.metadata.name}: ${error.message}`));
  }
  expect(refused).toEqual([]);
});

it("refuse what has the wrong shape", async () => {
  const bad = parse(
    "apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: {name: a}\nspec: {mtls: {mode: STRCT}}\n",
  ) as Manifest;
  await expect(server.admin.send("POST", { path: pathOf(bad) }, bad)).rejects.toThrow("Unsupported value");
});
