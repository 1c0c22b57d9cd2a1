import { parseDocuments } from "../model/index.ts";
import { readProxyAnnotation } from "./proxy-annotation.ts";
import { proxyRunFor } from "./proxy-config.ts";

const config = (name: string, namespace: string, spec: string, created = "2026-01-01T00:00:00Z"): string => `---
apiVersion: networking.istio.io/v1beta1
kind: ProxyConfig
metadata: { name: ${name}, namespace: ${namespace}, creationTimestamp: ${created} }
spec: ${spec}
`;
const objectsOf = (...texts: string[]) => parseDocuments(texts.join(""), "in.yaml").objects;
const cart = { namespace: "shop", labels: { app: "cart" }, annotations: {} };
const meshConfig = (spec: string): string =>
  `---\napiVersion: mesh.istio.io/v1alpha1\nkind: MeshConfig\nspec: ${spec}\n`;

it("puts the workload's before its namespace's, and that before the root namespace's", () => {
  const objects = objectsOf(
    config("root", "istio-system", "{ concurrency: 1, environmentVariables: { A: root, B: root, C: root } }"),
    config("shop", "shop", "{ concurrency: 2, environmentVariables: { B: shop, C: shop } }"),
    config("cart", "shop", "{ selector: { matchLabels: { app: cart } }, environmentVariables: { C: cart } }"),
    config("elsewhere", "elsewhere", "{ concurrency: 9 }"),
  );
  expect(proxyRunFor(objects, cart)).toEqual({ concurrency: 2, environment: { A: "root", B: "shop", C: "cart" } });
  expect(proxyRunFor(objects, { ...cart, labels: {} }).environment).toEqual({ A: "root", B: "shop", C: "shop" });
  expect(proxyRunFor(objects, { ...cart, namespace: "istio-system", labels: {} }).concurrency).toBe(1);
});

it("takes the older of two for the same, and heeds the root namespace of the mesh", () => {
  const [young, old] = ["2026-02-02T00:00:00Z", "2026-01-01T00:00:00Z"];
  const objects = objectsOf(
    meshConfig("{ rootNamespace: root }"),
    config("a", "root", "{ concurrency: 4 }", young),
    config("b", "root", "{ concurrency: 3 }", old),
    config("c", "istio-system", "{ concurrency: 7 }", old),
  );
  expect(proxyRunFor(objects, cart).concurrency).toBe(3);
});

it("puts the ProxyConfig of a workload before its annotation, and both before those of all, and MeshConfig last, as Istio does", () => {
  const variables = (...names: string[]) => `{ ${names.map((name) => `${name}: NAME`).join(", ")} }`;
  const said = (by: string, ...names: string[]) => variables(...names).replaceAll("NAME", by);
  const objects = objectsOf(
    meshConfig(
      `{ defaultConfig: { concurrency: 1, image: { imageType: debug }, drainDuration: 30s, proxyMetadata: ${said("mesh", "A", "B", "C", "D", "E")} } }`,
    ),
    config("root", "istio-system", `{ concurrency: 2, environmentVariables: ${said("root", "B", "C", "D", "E")} }`),
    config("shop", "shop", `{ concurrency: 3, environmentVariables: ${said("shop", "C", "D", "E")} }`),
    config("cart", "shop", `{ selector: { matchLabels: { app: cart } }, environmentVariables: ${said("cart", "E")} }`),
  );
  const text = `{ concurrency: 4, terminationDrainDuration: 1500ms, proxyMetadata: ${said("pod", "D", "E")} }`;
  expect(proxyRunFor(objects, { ...cart, annotations: { "proxy.istio.io/config": text } })).toEqual({
    concurrency: 4,
    imageType: "debug",
    drainSeconds: 30,
    terminationDrainSeconds: 2,
    environment: { A: "mesh", B: "root", C: "shop", D: "pod", E: "cart" },
  });
  expect(proxyRunFor(objects, { ...cart, namespace: "elsewhere" }).concurrency).toBe(2);
  expect(proxyRunFor(objects.slice(0, 1), cart).concurrency).toBe(1);
});

it.each<[string, object]>([
  ["concurrency: 3", { concurrency: 3 }],
  ["concurrency: 0", { concurrency: 0 }],
  ["{ drainDuration: 1m, holdApplicationUntilProxyStarts: false }", { drainSeconds: 60, holdApplication: false }],
  ["tracing: {}", {}],
  ...["concurrency: 257", "concurrency: many", "drainDuration: long", "proxyMetadata: { A: true }", "{"].map(
    (text): [string, object] => [text, {}],
  ),
  ['proxyMetadata: { ISTIO_META_DNS_CAPTURE: "yes" }', {}],
])("reads %j of a pod's annotation as %j, and says what is wrong with it", (text, run) => {
  const { run: read, findings } = readProxyAnnotation({ "proxy.istio.io/config": text });
  expect(read).toEqual(run);
  expect(findings.length).toBe(Object.keys(run).length > 0 ? 0 : 1);
});
