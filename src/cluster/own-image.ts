import type { KubernetesApi } from "./api.ts";
import { listAt, textAt } from "./json.ts";
import { expected } from "./refusal.ts";

/**
 * The image that a pod runs, as its Deployment names it: of its container `heddle`, else of its first. Undefined where there is no such
 * pod, as out of a cluster. It is asked for as a list of one name, which the right to list pods allows. Rejects where it could not be asked for.
 */
export async function readOwnImage(api: KubernetesApi, namespace: string, pod: string): Promise<string | undefined> {
  const query = new URLSearchParams({ fieldSelector: `metadata.name=${pod}` });
  const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods?${query.toString()}`;
  const [found] = listAt(expected(await api.call({ method: "GET", path }), 200), "items");
  const containers = listAt(found, "spec", "containers");
  const own = containers.find((container) => textAt(container, "name") === "heddle") ?? containers[0];
  return textAt(own, "image");
}
