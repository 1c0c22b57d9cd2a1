import { parseDocuments } from "../model/index.ts";
import { annotatedConcurrency, proxyRunFor } from "./proxy-config.ts";

const config = (name: string, namespace: string, spec: string, created = "2026-01-01T00:00:00Z"): string => `---
apiVersion: networking.istio.io/v1beta1
kind: ProxyConfig
metadata: { name: ${name}, namespace: ${namespace}, creationTimestamp: ${created} }
spec: ${spec}
`;
const objectsOf = (...texts: string[]) => parseDocuments(texts.join(""), "in.yaml").objects;
const cart = { namespace: "shop", labels: { app: "cart" } };

it("puts the workload's before its namespace's, and that before the root namespace's", () => {
  const objects = objectsOf(
    config("root", "istio-system", "{ concurrency: 1, environmentVariables: { A: root, B: root, C: root } }"),
    config("shop", "shop", "{ concurrency: 2, environmentVariables: { B: shop, C: shop } }"),
    config("cart", "shop", "{ selector: { matchLabels: { app: cart } }, environmentVariables: { C: cart } }"),
    config("elsewhere", "elsewhere", "{ concurrency: 9 }"),
  );
  expect(proxyRunFor(objects, cart)).toEqual({ concurrency: 2, environment: { A: "root", B: "shop", C: "cart" } });
  expect(proxyRunFor(objects, { ...cart, labels: {} }).environment).toEqual({ A: "root", B: "shop", C: "shop" });
  expect(proxyRunFor(objects, { namespace: "istio-system", labels: {} }).concurrency).toBe(1);
});

it("takes the older of two for the same, and heeds the root namespace of the mesh", () => {
  const mesh =
    "---\napiVersion: mesh.istio.io/v1alpha1\nkind: MeshConfig\nmetadata: { name: mesh }\nspec: { rootNamespace: root }\n";
  const [young, old] = ["2026-02-02T00:00:00Z", "2026-01-01T00:00:00Z"];
  const objects = objectsOf(
    mesh,
    config("a", "root", "{ concurrency: 4 }", young),
    config("b", "root", "{ concurrency: 3 }", old),
    config("c", "istio-system", "{ concurrency: 7 }", old),
  );
  expect(proxyRunFor(objects, cart).concurrency).toBe(3);
});

it.each([
  ["concurrency: 3", 3],
  ["concurrency: 0", 0],
  ["concurrency: 257", undefined],
  ["concurrency: many", undefined],
  ["tracing: {}", undefined],
  ["{", undefined],
])("reads %j of a pod's annotation as %p", (text, threads) => {
  expect(annotatedConcurrency({ "proxy.istio.io/config": text })).toBe(threads);
});
