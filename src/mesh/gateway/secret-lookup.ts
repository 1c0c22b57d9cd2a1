import { selects } from "../labels.ts";
import { ofKind } from "../objects.ts";
import type { SnapshotIndex } from "../snapshot-index.ts";
import type { Proxy } from "../types.ts";
import { secretsByName, type SecretLookup } from "./credentials.ts";

/**
 * The Secrets that a proxy may have: those of its own namespace, and only if the mesh knows the workload that it says to be. Whoever
 * holds any credential of the namespace may claim any labels, and would else be given what others are selected for.
 */
export function secretLookup(index: SnapshotIndex, proxy: Proxy): SecretLookup {
  if (!isKnownWorkload(index, proxy)) return () => undefined;
  const secrets = secretsByName(ofKind(index.objects, "Secret"));
  return (namespace, name) => (namespace === proxy.namespace ? secrets.get(`${namespace}/${name}`) : undefined);
}

/** The mesh has a Pod or WorkloadEntry of this name, with this service account and all of these labels. */
export function isKnownWorkload({ workloads }: SnapshotIndex, proxy: Proxy): boolean {
  const workload = workloads.byName.get(`${proxy.name}.${proxy.namespace}`);
  return workload?.serviceAccount === proxy.serviceAccount && selects(proxy.labels, workload.labels);
}
