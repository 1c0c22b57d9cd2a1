import { parseDocuments } from "../model/index.ts";
import { buildSnapshot, networkGateways, resolveProxy } from "./index.ts";

const label = "topology.istio.io/network";
const pod = (name: string, network?: string): string =>
  `---\n${JSON.stringify({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, labels: { app: "a", ...(network && { [label]: network }) } },
    spec: { containers: [] },
    status: { podIP: "10.1.0.1", phase: "Running" },
  })}\n`;
const entry = `---
apiVersion: networking.istio.io/v1
kind: WorkloadEntry
metadata: { name: vm, namespace: default, labels: { ${label}: of-the-label } }
spec: { address: 10.9.0.1, network: of-the-field }
`;
const root = (network: string, namespace = "istio-system"): string =>
  `---\napiVersion: v1\nkind: Namespace\nmetadata: { name: ${namespace}, labels: { ${label}: ${network} } }\n`;
const snapshotOf = (...texts: string[]) => buildSnapshot(parseDocuments(texts.join(""), "in.yaml").objects).snapshot;

it("is a workload's own, else for pods that of the root namespace", () => {
  const { workloads } = snapshotOf(pod("one"), pod("two", "there"), entry, root("here"), root("other", "default"));
  const of = (name: string) => workloads.get(`${name}.default`)?.network;
  expect([of("one"), of("two"), of("vm")]).toEqual(["here", "there", "of-the-field"]);
  expect(snapshotOf(pod("one")).workloads.get("one.default")?.network).toBeUndefined();
});

it("follows the root namespace's label, and keeps the workloads while that stays", () => {
  const objects = (network: string) => parseDocuments(pod("one") + root(network), "in.yaml").objects;
  const first = buildSnapshot(objects("a")).snapshot;
  const again = buildSnapshot([...objects("a")], first).snapshot;
  expect(again.workloads).toBe(first.workloads);
  expect(buildSnapshot(objects("b"), again).snapshot.workloads.get("one.default")?.network).toBe("b");
});

it("is a proxy's as its workload's; of one that the mesh does not know what its node says", () => {
  const snapshot = snapshotOf(pod("one", "there"));
  const networkOf = (name: string) => {
    const metadata = { NAME: name, NAMESPACE: "default", NETWORK: "said" };
    const node = { id: `sidecar~10.1.0.1~${name}.default~x`, metadata };
    const identity = { trustDomain: "cluster.local", namespace: "default", serviceAccount: "default" };
    const resolved = resolveProxy(snapshot, { identity, node });
    return "proxy" in resolved ? resolved.proxy.network : resolved.refused;
  };
  expect([networkOf("one"), networkOf("unknown")]).toEqual(["there", "said"]);
});

it("has gateways where MeshConfig names some", () => {
  const { settings } = snapshotOf(
    "apiVersion: mesh.istio.io/v1alpha1\nkind: MeshConfig\nspec: { meshNetworks: { networks: { a: { gateways: [{ address: 203.0.113.1, port: 15443 }] }, b: {} } } }\n",
  );
  expect([...networkGateways(settings)]).toEqual([["a", [{ address: "203.0.113.1", port: 15_443 }]]]);
});

it("has gateways where a Service with its label has external addresses", () => {
  const service = (name: string, labels: object, ip: string) => ({
    apiVersion: "v1",
    kind: "Service",
    metadata: { name, labels },
    spec: { ports: [{ port: 15_443 }], externalIPs: ["203.0.113.5"] },
    status: { loadBalancer: { ingress: [{ ip }, { hostname: "lb.example" }] } },
  });
  const services = [
    service("one", { [label]: "a" }, "203.0.113.1"),
    service("two", { [label]: "b", "networking.istio.io/gatewayPort": "443" }, "203.0.113.2"),
    service("three", { [label]: "c", "networking.istio.io/gatewayPort": "none" }, "203.0.113.3"),
    service("other", {}, "203.0.113.4"),
  ];
  const { settings } = snapshotOf(services.map((one) => `---\n${JSON.stringify(one)}\n`).join(""));
  expect(Object.fromEntries(networkGateways(settings))).toEqual({
    a: ["203.0.113.5", "203.0.113.1"].map((address) => ({ address, port: 15_443 })),
    b: ["203.0.113.5", "203.0.113.2"].map((address) => ({ address, port: 443 })),
  });
});
