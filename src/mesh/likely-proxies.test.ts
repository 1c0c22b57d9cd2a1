import { parseDocuments } from "../model/index.ts";
import { likelyProxies } from "./likely-proxies.ts";
import { buildSnapshot } from "./snapshot.ts";

const entry = (name: string, namespace: string, rest: string): string => `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: ${name}, namespace: ${namespace} }
spec: { hosts: [${name}.test], ports: [{ number: 80, name: http, protocol: HTTP }], ${rest} }
`;

const pod = `
apiVersion: v1
kind: Pod
metadata: { name: reviews-1, namespace: meshed, labels: { app: reviews, security.istio.io/tlsMode: istio } }
spec: { serviceAccountName: reviews }
status: { podIP: 10.0.1.1, phase: Running }
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: pods, namespace: meshed }
spec:
  hosts: [pods.test]
  ports: [{ number: 80, name: http, protocol: HTTP }]
  resolution: STATIC
  workloadSelector: { labels: { app: reviews } }
`;

function likelyIn(...texts: string[]) {
  return likelyProxies(buildSnapshot(parseDocuments(texts.join("---"), "in.yaml").objects).snapshot);
}

it("gives one sidecar for each namespace that has an endpoint with an IP", () => {
  const proxies = likelyIn(
    entry("a", "one", "resolution: STATIC, endpoints: [{ address: 10.0.0.1 }, { address: 10.0.0.2 }]"),
    entry("b", "one", "resolution: STATIC, endpoints: [{ address: 10.0.0.3 }]"),
    entry("c", "two", "resolution: STATIC, endpoints: [{ address: 'fd00::1', labels: { app: c } }]"),
    entry("d", "three", "resolution: DNS, endpoints: [{ address: elsewhere.test }]"),
  );
  expect(proxies.map(({ namespace, addresses, labels }) => [namespace, addresses, labels])).toEqual([
    ["one", ["10.0.0.1"], {}],
    ["two", ["fd00::1"], { app: "c" }],
  ]);
});

it("begins with namespaces whose endpoints are of the mesh", () => {
  const plain = entry("a", "aaa", "resolution: STATIC, endpoints: [{ address: 10.0.0.1 }]");
  expect(likelyIn(plain, pod).map(({ namespace, name }) => [namespace, name])).toEqual([
    ["meshed", "reviews-1"],
    ["aaa", ""],
  ]);
});
