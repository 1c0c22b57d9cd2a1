import type { MeshObject, Specs } from "../../model/index.ts";

/** Objects for the tests of this folder, as the parser would make them. */

function metadata(name: string, namespace: string, labels: Record<string, string> = {}) {
  return { name, namespace, labels, annotations: {} };
}

const origin = { file: "mesh.yaml", at: () => ({ file: "mesh.yaml", line: 1, column: 1 }) };

export function pod(
  name: string,
  spec: Partial<Specs["Pod"]> = {},
  labels?: Record<string, string>,
): MeshObject<"Pod"> {
  const defaults = { serviceAccountName: "default", hostNetwork: false, podIPs: [], ready: true, terminated: false };
  return {
    kind: "Pod",
    apiVersion: "v1",
    metadata: metadata(name, "default", labels),
    spec: { ...defaults, containerPorts: [], containers: [], ...spec },
    origin,
  };
}

export function service(
  name: string,
  spec: Partial<Specs["Service"]> = {},
  namespace = "default",
): MeshObject<"Service"> {
  const defaults = {
    type: "ClusterIP" as const,
    clusterIPs: [],
    ipFamilies: [],
    headless: false,
    ports: [],
    publishNotReadyAddresses: false,
  };
  return {
    kind: "Service",
    apiVersion: "v1",
    metadata: metadata(name, namespace),
    spec: { ...defaults, ...spec },
    origin,
  };
}

export function serviceEntry(hosts: string[], addresses: string[]): MeshObject<"ServiceEntry"> {
  return {
    kind: "ServiceEntry",
    apiVersion: "networking.istio.io/v1",
    metadata: metadata("entry", "default"),
    spec: { hosts, addresses, ports: [{ number: 80, name: "http", protocol: "HTTP" }], resolution: "STATIC" },
    origin,
  };
}
