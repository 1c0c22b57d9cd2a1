import { buildSnapshot, viewFor, type Proxy } from "../mesh/index.ts";
import { parseDocuments } from "../model/index.ts";
import { buildResources } from "./build.ts";
import type { ProxyResources } from "./resource.ts";

/**
 * The smallest mesh in which every kind of port and chain occurs: what looks the same elsewhere is "usual". Its numbers are such
 * as nobody uses, so that no user's port or address is taken for a usual one.
 */
const everyProtocol = `
apiVersion: v1
kind: Service
metadata: { name: reference, namespace: reference }
spec:
  clusterIP: 192.0.2.1
  selector: { app: reference }
  ports:
    - { name: http, port: 64001, targetPort: 64011 }
    - { name: grpc, port: 64002, targetPort: 64012 }
    - { name: tcp, port: 64003, targetPort: 64013 }
    - { name: auto, port: 64004, targetPort: 64014 }
---
apiVersion: v1
kind: Pod
metadata: { name: reference, namespace: reference, labels: { app: reference } }
spec: { serviceAccountName: reference, containers: [{ name: app }] }
status: { podIP: 192.0.2.2, phase: Running }
`;

const shortNames: readonly (readonly [string, string])[] = [
  ["||reference.reference.svc.cluster.local", ""],
  ["reference.reference.svc.cluster.local", "reference"],
  ["192.0.2.1", "VIP"],
  ["0.0.0.0_", "port_"],
  ...["http", "grpc", "tcp", "auto"].flatMap((word, index): [string, string][] => [
    [`6400${index + 1}`, word],
    [`6401${index + 1}`, word],
  ]),
];

/** A name of the reference mesh as people read it: `outbound|64001||reference...` is `outbound|http`. */
export function shortName(name: string): string {
  return shortNames.reduce((text, [long, short]) => text.replaceAll(long, short), name).replace(/[|]+$/, "");
}

const nobody: Proxy = {
  type: "sidecar",
  name: "nobody",
  namespace: "default",
  serviceAccount: "default",
  addresses: [],
  labels: {},
  locality: { region: "", zone: "", subzone: "" },
  metadata: {},
};

/** What a sidecar is served in a mesh in which nothing is declared. */
export const emptyMesh = once(() => meshOf("", nobody));

/** What the only workload of the reference mesh is served. */
export const referenceMesh = once(() => {
  const self = { name: "reference", namespace: "reference", serviceAccount: "reference", labels: { app: "reference" } };
  return meshOf(everyProtocol, { ...nobody, ...self, addresses: ["192.0.2.2"] });
});

/** `build` at the first call, and the same value ever after. */
export function once<T extends object>(build: () => T): () => T {
  let value: T | undefined;
  return () => (value ??= build());
}

function meshOf(yaml: string, proxy: Proxy): ProxyResources {
  const { objects } = parseDocuments(yaml, "reference");
  return buildResources(viewFor(buildSnapshot(objects).snapshot, proxy), { vhds: false });
}
