import { readFileSync } from "node:fs";
import { join } from "node:path";
import { buildSnapshot } from "../snapshot.ts";
import { objectsOf, sidecar } from "../testing.ts";
import type { Proxy } from "../types.ts";
import { viewFor } from "../view.ts";
import { unservedServers } from "./unserved.ts";

/** A gateway `edge/edge`, servers that name its Secrets, one of another namespace and one that is not there. */
const golden = readFileSync(join(__dirname, "../../envoy/testdata/gateway/tls/in.yaml"), "utf8");
const mesh = golden.slice(golden.indexOf("---"));
const labels = { istio: "ingressgateway" };
const edge: Partial<Proxy> = { type: "router", name: "edge", namespace: "edge", serviceAccount: "edge", labels };

function gatewayOf(own: Partial<Proxy>, yaml = mesh) {
  const { gateway } = viewFor(buildSnapshot(objectsOf(yaml)).snapshot, sidecar(own));
  const servers = gateway?.listeners.flatMap((listener) => listener.servers.map(({ portName }) => portName));
  return { servers, secrets: gateway?.credentials.map(({ name }) => name).sort() };
}

const all = ["clients-cacert", "partner", "partner-cacert", "partner2", "shop"];

it("gives a gateway that the mesh knows the secrets of its own namespace that its Gateways name", () => {
  expect(gatewayOf(edge)).toEqual({
    servers: ["simple", "mutual", "optional", "mesh"],
    secrets: all.map((name) => `kubernetes://edge/${name}`),
  });
});

it.each([
  ["a workload that only says so", { ...edge, name: "somebody" }],
  ["another account of the namespace", { ...edge, serviceAccount: "other" }],
  ["another namespace", { ...edge, namespace: "other" }],
])("gives no secret to %s", (_who, proxy) => {
  expect(gatewayOf(proxy)).toEqual({ servers: ["mesh"], secrets: [] });
});

it("gives no secret to a pod without the labels, whatever its node claims", () => {
  const unlabelled = mesh.replace(
    "labels: { istio: ingressgateway } }\nspec: { serviceAccountName",
    "labels: {} }\nspec: { serviceAccountName",
  );
  expect(unlabelled).not.toBe(mesh);
  expect(gatewayOf(edge, unlabelled).secrets).toEqual([]);
});

it("gives a sidecar nothing of all this", () => {
  expect(gatewayOf({ ...edge, type: "sidecar" })).toEqual({});
});

const missingOf = (own: Partial<Proxy>, yaml = mesh) =>
  unservedServers(buildSnapshot(objectsOf(yaml)).snapshot, sidecar(own));

it("tells of one gateway what it does not serve, and whether that is because nobody knows it", () => {
  const left = missingOf(edge);
  expect(left.length).toBeGreaterThan(0);
  expect(left.every((line) => /^not served: Gateway \S+ servers\[\d\]: the Secret /.test(line))).toBe(true);
  const stranger = missingOf({ ...edge, serviceAccount: "other" });
  expect(stranger.length).toBeGreaterThan(left.length + 1);
  expect(stranger.at(-1)).toBe(
    "no Pod or WorkloadEntry of the mesh is edge.edge of service account other with these labels: it is given no Secret",
  );
  expect(missingOf({ ...edge, labels: { istio: "nobody" } })).toEqual([
    "no Gateway selects its labels: it serves nothing",
  ]);
  expect(missingOf({ ...edge, type: "sidecar" })).toEqual([]);
});

it("keeps its listeners while a secret rotates", () => {
  const before = buildSnapshot(objectsOf(mesh)).snapshot;
  const first = viewFor(before, sidecar(edge)).gateway;
  const rotated = objectsOf(mesh.replaceAll("type: Opaque", "type: example.com/tls"));
  const second = viewFor(buildSnapshot(rotated, before).snapshot, sidecar(edge)).gateway;
  expect(second?.credentials).not.toEqual(first?.credentials);
  expect(second?.listeners).toBe(first?.listeners);
});
