import { kinds } from "../../model/index.ts";

/** One kind of object at the API server: what is listed and watched, with one connection. */
export interface Resource {
  readonly kind: string;
  /** `v1`, `networking.istio.io/v1beta1` */
  readonly apiVersion: string;
  /** `/apis/networking.istio.io/v1beta1/virtualservices` */
  readonly path: string;
  readonly fieldSelector?: string;
  /** Objects of it can tell how we took them. */
  readonly hasStatus: boolean;
}

/** A kind that is looked for: its versions, the preferred one first. */
export interface WantedKind {
  readonly kind: string;
  readonly apiVersions: readonly string[];
}

/** Kubernetes' own kinds, which every API server serves; in the order in which they are fetched again after an outage. */
const builtIn: readonly Resource[] = [
  resource("EndpointSlice", "discovery.k8s.io/v1", "endpointslices"), // first what changes most: where traffic goes
  resource("Pod", "v1", "pods"),
  resource("Service", "v1", "services"),
  resource("Namespace", "v1", "namespaces"),
  resource("Node", "v1", "nodes"),
];

/** What is watched in any case. `namespace` holds the ConfigMap `heddle` with the MeshConfig. */
export function builtInResources(namespace: string): readonly Resource[] {
  const config: Resource = {
    kind: "ConfigMap",
    apiVersion: "v1",
    path: `/api/v1/namespaces/${namespace}/configmaps`,
    fieldSelector: "metadata.name=heddle",
    hasStatus: false,
  };
  return [...builtIn, config];
}

/**
 * One Secret, watched by its name: so a role may name it, and no other Secret's content ever reaches us. The kubelet does the same.
 * https://kubernetes.io/docs/reference/access-authn-authz/rbac/#referring-to-resources
 */
export function secretResource(namespace: string, name: string): Resource {
  return {
    kind: "Secret",
    apiVersion: "v1",
    path: `/api/v1/namespaces/${encodeURIComponent(namespace)}/secrets`,
    fieldSelector: `metadata.name=${escapeSelector(name)}`,
    hasStatus: false,
  };
}

/** https://kubernetes.io/docs/concepts/overview/working-with-objects/field-selectors/ has three signs of its own; a backslash hides them. */
function escapeSelector(value: string): string {
  return value.replace(/[\\,=]/g, "\\$&");
}

/** The kinds of the model that are defined by CRDs; MeshConfig comes in a ConfigMap. */
export const customKinds: readonly WantedKind[] = kinds.filter(
  ({ kind, apiVersions }) =>
    kind !== "MeshConfig" &&
    apiVersions.every((version) => groupOf(version).endsWith(".io") && !groupOf(version).endsWith("k8s.io")),
);

/** `networking.istio.io` of `networking.istio.io/v1`; "" of `v1`. */
export function groupOf(apiVersion: string): string {
  return apiVersion.includes("/") ? apiVersion.slice(0, apiVersion.indexOf("/")) : "";
}

function resource(kind: string, apiVersion: string, plural: string): Resource {
  const prefix = apiVersion === "v1" ? "/api/v1" : `/apis/${apiVersion}`;
  return { kind, apiVersion, path: `${prefix}/${plural}`, hasStatus: false };
}
