/** The API of each kind that tests write with `policy`. */
const apiVersions = {
  VirtualService: "networking.istio.io/v1",
  DestinationRule: "networking.istio.io/v1",
  ServiceEntry: "networking.istio.io/v1",
  WorkloadEntry: "networking.istio.io/v1",
  WorkloadGroup: "networking.istio.io/v1",
  Gateway: "networking.istio.io/v1",
  ProxyConfig: "networking.istio.io/v1beta1",
  PeerAuthentication: "security.istio.io/v1",
  RateLimit: "heddle.io/v1alpha1",
} as const;

/** YAML of a policy object; JSON is YAML. */
export function policy(kind: keyof typeof apiVersions, name: string, spec: object, namespace = "default"): string {
  return document(apiVersions[kind], kind, name, namespace, spec);
}

/** YAML of the mesh's settings: https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/ */
export function meshConfig(spec: object): string {
  return document("mesh.istio.io/v1alpha1", "MeshConfig", "default", "istio-system", spec);
}

function document(apiVersion: string, kind: string, name: string, namespace: string, spec: object): string {
  return `---\n${JSON.stringify({ apiVersion, kind, metadata: { name, namespace }, spec })}\n`;
}
