import { memo } from "../lib/index.ts";
import type { MeshObject } from "../model/index.ts";
import type { Snapshot } from "./snapshot-types.ts";
import type { Proxy } from "./types.ts";

/**
 * Says that sidecars get a cluster when a request first needs it. On a Pod or WorkloadEntry it is for that workload, on a Namespace for
 * all in it; the workload's word goes before the namespace's. What is neither `enabled` nor `disabled` says nothing.
 */
export const onDemandAnnotation = "heddle.io/on-demand-clusters";

/** Whether a sidecar is to get its clusters on demand: docs/performance.md says what it saves and what it costs. */
export function wantsOnDemandClusters({ workloads, namespaces }: Snapshot, proxy: Proxy): boolean {
  if (proxy.type !== "sidecar") return false;
  const workload = workloads.get(`${proxy.name}.${proxy.namespace}`)?.object;
  const namespace = byName(namespaces).get(proxy.namespace);
  return (workload && choiceOf(workload)) ?? (namespace && choiceOf(namespace)) ?? false;
}

const byName = memo(
  (namespaces: readonly MeshObject<"Namespace">[]): ReadonlyMap<string, MeshObject<"Namespace">> =>
    new Map(namespaces.map((namespace) => [namespace.metadata.name, namespace])),
);

function choiceOf({ metadata }: MeshObject): boolean | undefined {
  const { [onDemandAnnotation]: word } = metadata.annotations;
  return word === "enabled" ? true : word === "disabled" ? false : undefined;
}
