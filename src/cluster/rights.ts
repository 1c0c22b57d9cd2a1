import type { KubernetesApi } from "./api.ts";
import { at } from "./json.ts";
import { expected } from "./refusal.ts";

/** Something that our service account is to be allowed. */
export interface Right {
  readonly verb: string;
  readonly group: string; // "": Kubernetes' own
  readonly resource: string; // with a subresource: `virtualservices/status`
  readonly name?: string; // of one object; without: any
  readonly namespace?: string; // without: in all of them, or of a kind without namespaces
}

/** `patch configmaps "heddle-live" in namespace heddle-system`, `patch sidecars.networking.istio.io/status` */
export function formatRight({ verb, group, resource, name, namespace }: Right): string {
  const what = group === "" ? resource : resource.replace(/^[^/]+/, (plural) => `${plural}.${group}`);
  return [`${verb} ${what}`, name && `"${name}"`, namespace && `in namespace ${namespace}`].filter(Boolean).join(" ");
}

/**
 * Those rights that we do not have, each asked for by itself: a review of all rules would not tell a right in one namespace from one in
 * all, and knows RBAC only. Rejects where it could not ask.
 * https://kubernetes.io/docs/reference/kubernetes-api/authorization-resources/self-subject-access-review-v1/
 */
export async function missingRights(api: KubernetesApi, rights: readonly Right[]): Promise<readonly Right[]> {
  const missing: Right[] = [];
  for (let first = 0; first < rights.length; first += atOnce) {
    const some = rights.slice(first, first + atOnce);
    const allowed = await Promise.all(some.map((right) => isAllowed(api, right)));
    missing.push(...some.filter((_right, index) => !allowed[index]));
  }
  return missing;
}

const atOnce = 8;
const reviews = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";

async function isAllowed(api: KubernetesApi, right: Right): Promise<boolean> {
  const [resource, subresource] = right.resource.split("/");
  const { verb, name, namespace } = right;
  const resourceAttributes = { verb, group: right.group, resource, subresource, name, namespace };
  const body = { apiVersion: "authorization.k8s.io/v1", kind: "SelfSubjectAccessReview", spec: { resourceAttributes } };
  const answer = await api.call({ method: "POST", path: reviews, body });
  return at(expected(answer, 200, 201), "status", "allowed") === true;
}
