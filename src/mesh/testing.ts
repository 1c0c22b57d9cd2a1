import type { Problem } from "../lib/index.ts";
import { parseDocuments, type MeshObject } from "../model/index.ts";
import { buildSnapshot } from "./snapshot.ts";
import type { Snapshot } from "./snapshot-types.ts";
import type { Proxy, ProxyView } from "./types.ts";
import { viewFor } from "./view.ts";

/** For tests of this room only: objects from YAML, as a user writes them. Throws on what the parser refuses. */
export function objectsOf(yaml: string, file = "mesh.yaml"): readonly MeshObject[] {
  const { objects, problems } = parseDocuments(yaml, file);
  const errors = problems.filter((problem) => problem.level === "error");
  if (errors.length > 0) throw new Error(JSON.stringify(errors, undefined, 2));
  return objects;
}

/** The snapshot of some YAML. */
export function meshOf(yaml: string, previous?: Snapshot): Snapshot {
  return buildSnapshot(objectsOf(yaml), previous).snapshot;
}

/** `CODE field: message` of every problem that the snapshot reports. */
export function problemsIn(yaml: string): string[] {
  const { problems } = buildSnapshot(objectsOf(yaml));
  return problems.map((p: Problem) => `${p.code} ${p.object?.namespace}/${p.object?.name} ${p.field}: ${p.message}`);
}

/** A sidecar, by default of the namespace `default`. */
export function sidecar(own: Partial<Proxy> = {}): Proxy {
  return {
    type: "sidecar",
    name: "client",
    namespace: "default",
    serviceAccount: "default",
    addresses: ["10.0.0.1"],
    labels: {},
    locality: { region: "", zone: "", subzone: "" },
    metadata: {},
    ...own,
  };
}

/** What a sidecar sees of some YAML. */
export function viewOf(yaml: string, own: Partial<Proxy> = {}): ProxyView {
  return viewFor(meshOf(yaml), sidecar(own));
}

/** A Kubernetes Service on port 80 -> 8080 whose pods have the label `app`. */
export function serviceYaml(name: string, namespace = "default", more = ""): string {
  return `
apiVersion: v1
kind: Service
metadata: { name: ${name}, namespace: ${namespace} }
spec:
  clusterIP: 10.96.0.1
  selector: { app: ${name} }
  ports: [{ name: http, port: 80, targetPort: 8080 }]
${more}---
`;
}

/** A ready pod with the label `app`. */
export function podYaml(name: string, app: string, ip: string, more = ""): string {
  return `
apiVersion: v1
kind: Pod
metadata: { name: ${name}, namespace: default, labels: { app: ${app} }${more} }
spec:
  serviceAccountName: ${app}
  containers: [{ name: app, ports: [{ name: web, containerPort: 8080 }] }]
status: { podIP: ${ip} }
---
`;
}

/** A ServiceEntry of one STATIC host on port 80 -> 8080. */
export function entryYaml(
  name: string,
  namespace: string,
  host: string,
  addresses: readonly string[],
  more = "",
): string {
  return `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: ${name}, namespace: ${namespace} }
spec:
  hosts: ["${host}"]
  location: MESH_INTERNAL
  resolution: STATIC
  ports: [{ name: http, number: 80, protocol: HTTP, targetPort: 8080 }]
  endpoints: [${addresses.map((address) => `{ address: ${address} }`).join(", ")}]
${more}---
`;
}

/** An object of Istio or of ours by kind. */
export function yaml(kind: string, name: string, namespace: string, spec: string): string {
  const apiVersion =
    kind === "RateLimit"
      ? "heddle.io/v1alpha1"
      : `${kind === "PeerAuthentication" ? "security" : "networking"}.istio.io/v1`;
  const body = spec
    .trim()
    .split("\n")
    .map((line) => `  ${line}`)
    .join("\n");
  return `
apiVersion: ${apiVersion}
kind: ${kind}
metadata: { name: ${name}, namespace: ${namespace} }
spec:
${body}
---
`;
}
