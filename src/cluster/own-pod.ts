import type { KubernetesApi } from "./api.ts";
import { listAt, textAt } from "./json.ts";
import { expected } from "./refusal.ts";

/** What our own pod tells of the cluster. */
export interface OwnPod {
  /** What it runs, as its Deployment names it: of its container `heddle`, else of its first. */
  readonly image?: string;
  /** Its addresses: one of each IP version that pods of this cluster have. Empty while it is starting. */
  readonly addresses: readonly string[];
}

/**
 * The pod that this process runs in; undefined where there is no such pod, as out of a cluster. It is asked for as a list of one name, which the
 * right to list pods allows. Rejects where it could not be asked for.
 */
export async function readOwnPod(api: KubernetesApi, namespace: string, pod: string): Promise<OwnPod | undefined> {
  const query = new URLSearchParams({ fieldSelector: `metadata.name=${pod}` });
  const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods?${query.toString()}`;
  const [found] = listAt(expected(await api.call({ method: "GET", path }), 200), "items");
  if (found === undefined) return undefined;
  const containers = listAt(found, "spec", "containers");
  const own = containers.find((container) => textAt(container, "name") === "heddle") ?? containers[0];
  const image = textAt(own, "image");
  const addresses = listAt(found, "status", "podIPs").flatMap((entry) => textAt(entry, "ip") ?? []);
  return { ...(image !== undefined && { image }), addresses };
}
