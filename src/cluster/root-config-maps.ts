import type { KubernetesApi } from "./api.ts";
import { listAt, textAt } from "./json.ts";
import { ApiRefusal, expected } from "./refusal.ts";

/** Where each namespace's pods find the root they trust before they have a certificate; Istio has `istio-ca-root-cert`. */
const rootConfigMap = "heddle-ca-root-cert";
const key = "root-cert.pem";
const pageSize = 500;

/**
 * Writes the bundle (PEM) into the ConfigMap of every namespace where it is missing or says something else. One list and nothing more
 * where all is well. A namespace that is going away refuses it, which is no failure. Rejects when it could not do some; it did the others.
 */
export async function keepRootConfigMaps(
  api: KubernetesApi,
  namespaces: readonly string[],
  bundle: string,
): Promise<void> {
  const found = await listRootConfigMaps(api);
  const failures: unknown[] = [];
  for (const namespace of namespaces) {
    const configMap = found.get(namespace);
    if (configMap !== undefined && textAt(configMap, "data", key) === bundle) continue;
    const write = configMap === undefined ? create(api, namespace, bundle) : update(api, namespace, bundle);
    await write.catch((error: unknown) => (isLeaving(error) ? undefined : failures.push(error)));
  }
  if (failures.length > 0) throw new AggregateError(failures, `${failures.length} of ${namespaces.length} namespaces`);
}

/** Those there are, by namespace. A list narrowed to one name needs no right to read other ConfigMaps. */
async function listRootConfigMaps(api: KubernetesApi): Promise<ReadonlyMap<string, unknown>> {
  const found = new Map<string, unknown>();
  let next: string | undefined = "";
  while (next !== undefined) {
    const query = new URLSearchParams({ fieldSelector: `metadata.name=${rootConfigMap}`, limit: String(pageSize) });
    if (next !== "") query.set("continue", next);
    const page = expected(await api.call({ method: "GET", path: `/api/v1/configmaps?${query.toString()}` }), 200);
    for (const item of listAt(page, "items")) found.set(textAt(item, "metadata", "namespace") ?? "", item);
    next = textAt(page, "metadata", "continue") || undefined;
  }
  return found;
}

async function create(api: KubernetesApi, namespace: string, bundle: string): Promise<void> {
  const metadata = { name: rootConfigMap, labels: { "app.kubernetes.io/managed-by": "heddle" } };
  const body = { apiVersion: "v1", kind: "ConfigMap", metadata, data: { [key]: bundle } };
  const answer = await api.call({ method: "POST", path: `/api/v1/namespaces/${namespace}/configmaps`, body });
  expected(answer, 200, 201, 409); // 409: it was made since we looked
}

async function update(api: KubernetesApi, namespace: string, bundle: string): Promise<void> {
  const path = `/api/v1/namespaces/${namespace}/configmaps/${rootConfigMap}`;
  const body = [{ op: "add", path: "/data", value: { [key]: bundle } }];
  expected(await api.call({ method: "PATCH", path, body }), 200);
}

/** https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#namespacelifecycle */
function isLeaving(error: unknown): boolean {
  if (!(error instanceof ApiRefusal)) return false;
  return error.status === 404 || (error.status === 403 && error.message.includes("being terminated"));
}
