type Kind = "VirtualService" | "DestinationRule" | "ServiceEntry" | "WorkloadEntry" | "WorkloadGroup";

/** YAML of an object of Istio's networking API; JSON is YAML. */
export function policy(kind: Kind, name: string, spec: object, namespace = "default"): string {
  return document("networking.istio.io/v1", kind, name, namespace, spec);
}

/** YAML of the mesh's settings: https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/ */
export function meshConfig(spec: object): string {
  return document("mesh.istio.io/v1alpha1", "MeshConfig", "default", "istio-system", spec);
}

function document(apiVersion: string, kind: string, name: string, namespace: string, spec: object): string {
  return `---\n${JSON.stringify({ apiVersion, kind, metadata: { name, namespace }, spec })}\n`;
}
