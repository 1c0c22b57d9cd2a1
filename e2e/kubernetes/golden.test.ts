import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { buildResources } from "../../src/envoy/build.ts";
import { parseCase } from "../../src/envoy/golden-case.ts";
import { renderText } from "../../src/envoy/render-text.ts";
import { createLog } from "../../src/lib/index.ts";
import { buildSnapshot, viewFor } from "../../src/mesh/index.ts";
import { openKubernetesSource, type KubernetesSource } from "../../src/source/index.ts";
import { ApiServer } from "../harness/api-server.ts";
import { projectRoot } from "../harness/project.ts";
import { waitFor } from "../harness/wait.ts";
import { apply, applyCrds, remove, type Manifest } from "./cluster.ts";

let server: ApiServer;
let source: KubernetesSource;

beforeAll(async () => {
  server = await ApiServer.start();
  await applyCrds(server);
  source = openKubernetesSource({
    kubeConfig: server.kubeConfig("admin"),
    namespace: "heddle-system",
    log: createLog("silent"),
    onChange: () => undefined,
  });
});
afterAll(async () => {
  await source?.stop();
  await server?.close();
});

/** What an API server asks for beyond what the mesh reads. */
function complete(object: Manifest): Manifest {
  if (object.kind !== "Pod") return object;
  const spec = object["spec"] as { containers?: readonly object[] };
  const containers = (spec.containers ?? [{ name: "app" }]).map((container) => ({ image: "app", ...container }));
  return { ...object, spec: { ...spec, containers } };
}

/** The cluster's own Service and its endpoints are in no golden. */
const objects = () => source.objects().filter(({ metadata }) => metadata.name !== "kubernetes");

// Kubernetes' own objects with their status, selectors and identities, and policies of each kind.
it.each([
  "weight/canary",
  "endpoint/slices",
  "endpoint/headless",
  "inbound/strict",
  "subset/endpoints",
  "locality/failover",
  "tls-origination/istio-mutual",
])("gives the same resources from the API as from a file: %s", async (name) => {
  const text = await readFile(join(projectRoot(), "src/envoy/testdata", name, "in.yaml"), "utf8");
  const { proxy, view } = parseCase(text);
  const documents = parseAllDocuments(text).map((document) => document.toJS() as Manifest);
  const manifests = documents
    .filter(({ kind, metadata }) => kind !== undefined && metadata.name !== undefined)
    .map(complete);
  for (const manifest of manifests) await apply(server, manifest);
  if (source.watches().every(({ state }) => state === "waiting")) await source.start();
  const expected = renderText(buildResources(view, { vhds: false }));
  const seen = (): string =>
    renderText(buildResources(viewFor(buildSnapshot(objects()).snapshot, proxy), { vhds: false }));
  await waitFor("the API's objects to be seen", () => seen() === expected).catch(() => expect(seen()).toBe(expected));
  for (const manifest of manifests) if (manifest.kind !== "Namespace") await remove(server, manifest);
  await waitFor("them to be gone", () => objects().every(({ kind }) => kind === "Namespace"));
  expect(source.problems()).toEqual([]);
});
