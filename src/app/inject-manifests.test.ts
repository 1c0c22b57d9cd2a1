import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { defaultInjectionSettings, type Fields } from "../node/index.ts";
import { injectManifests } from "./inject-manifests.ts";

const options = { settings: defaultInjectionSettings, namespace: "shop" };
const inject = (text: string) => injectManifests(text, "a.yaml", options);

const template = (indent: string) =>
  [
    "template:",
    "  metadata: {labels: {app: cart}}",
    "  spec:",
    "    # the app",
    "    containers: [{name: cart, image: cart}]",
  ]
    .map((line) => indent + line)
    .join("\n");

const workload = (apiVersion: string, kind: string) =>
  kind === "CronJob"
    ? `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: {name: cart}\nspec:\n  jobTemplate:\n    spec:\n${template("      ")}\n`
    : `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: {name: cart}\nspec:\n${template("  ")}\n`;

it.each([
  ["apps/v1", "Deployment"],
  ["apps/v1", "StatefulSet"],
  ["apps/v1", "DaemonSet"],
  ["apps/v1", "ReplicaSet"],
  ["v1", "ReplicationController"],
  ["batch/v1", "Job"],
  ["batch/v1", "CronJob"],
])("injects the template of a %s %s, keeps its comments, and does nothing the second time", (apiVersion, kind) => {
  const { output, problems } = inject(workload(apiVersion, kind));
  expect(problems).toEqual([]);
  expect(output).toContain("name: istio-proxy");
  expect(output).toContain("# the app");
  expect(inject(output)).toEqual({ output, problems: [] });
});

const service = "# kept\napiVersion: v1\nkind: Service\nmetadata:   {name: cart}   # and this\n";
const refused = `apiVersion: v1\nkind: Pod\nmetadata:\n  name: host\nspec: {hostNetwork: true, containers: []}\n`;

it("runs the proxy as ProxyConfigs of the same text say", () => {
  const config = (namespace: string, threads: number) =>
    `---\napiVersion: networking.istio.io/v1beta1\nkind: ProxyConfig\nmetadata: {name: all, namespace: ${namespace}}\nspec: {concurrency: ${threads}}\n`;
  const threadsIn = (text: string) => /--concurrency\n\s*- "(\d+)"/.exec(inject(text).output)?.[1];
  const deployment = workload("apps/v1", "Deployment");
  expect(threadsIn(deployment)).toBe("2");
  expect(threadsIn(deployment + config("shop", 5) + config("elsewhere", 7))).toBe("5");
});

it("keeps everything else as it stands", () => {
  const text = `%YAML 1.2\n---\n${service}---\n${refused}...\n---\n{"kind": "ConfigMap", "apiVersion": "v1"}\n`;
  expect(inject(text)).toEqual({ output: text, problems: [] });
  const { output } = inject(`${service}---\n${workload("apps/v1", "Deployment")}---\n${refused}`);
  expect(output.startsWith(`${service}---\n`)).toBe(true);
  expect(output.endsWith(`---\n${refused}`)).toBe(true);
  expect(parseAllDocuments(output)).toHaveLength(3);
});

it.each([1, 2])("injects the items of a List of %d", (count) => {
  const item = JSON.stringify({ apiVersion: "v1", kind: "Pod", metadata: { name: "a" }, spec: { containers: [] } });
  const { output } = inject(`apiVersion: v1\nkind: List\nitems: [${Array(count).fill(item).join(", ")}]\n`);
  const { items } = parseAllDocuments(output)[0]?.toJS() as { items: { spec: Fields }[] };
  expect(items).toHaveLength(count);
  for (const { spec } of items) expect(JSON.stringify(spec)).toContain("istio-proxy");
});

it("tells line and field of what is wrong", () => {
  const text = `${service}---\n${workload("apps/v1", "Deployment").replace(
    "{labels: {app: cart}}",
    "\n      annotations:\n        a/b: x\n        sidecar.istio.io/proxyCPU: much",
  )}`;
  expect(inject(text).problems).toMatchObject([
    {
      code: "HED501",
      object: { kind: "Deployment", namespace: "shop", name: "cart" },
      position: { file: "a.yaml", line: 14 },
      field: 'spec.template.metadata.annotations["sidecar.istio.io/proxyCPU"]',
    },
  ]);
});

it.each([
  "a: [",
  "kind: Deployment\napiVersion: apps/v1\nspec: 1\n",
  "[".repeat(9999),
  "a: *b",
  "- 1\n- 2",
  "kind: List\nitems: 3",
])("never throws: %s", (text) => {
  expect(inject(text).output).toBe(text);
});

it("makes the ingress gateway that we ship a router, without a sidecar's parts", () => {
  const text = readFileSync(join(__dirname, "../../manifests/gateway/gateway.yaml"), "utf8");
  const { output, problems } = inject(text);
  expect(problems).toEqual([]);
  const objects = parseAllDocuments(output).map((document) => document.toJS() as Fields);
  const { spec } = objects.find(({ kind }) => kind === "Deployment") as {
    spec: { template: { spec: { initContainers?: unknown; containers: Record<string, string[]>[] } } };
  };
  const { initContainers, containers } = spec.template.spec;
  expect(initContainers).toBeUndefined();
  expect(containers).toHaveLength(1);
  expect(containers[0]).toMatchObject({ name: "istio-proxy", image: defaultInjectionSettings.proxyImage });
  expect(containers[0]?.["args"]?.join(" ")).toContain("--service-node router~$(POD_IP)~");
});
