import { selects } from "../labels.ts";
import { ofKind } from "../objects.ts";
import type { SnapshotIndex } from "../snapshot-index.ts";
import type { Proxy } from "../types.ts";
import { secretsByName, type SecretLookup } from "./credentials.ts";

/**
 * The Secrets that a proxy may have: those of its own namespace, and only if the mesh knows the workload that it says to be. Whoever
 * holds any credential of the namespace may claim any labels, and would else be given what others are selected for.
 */
export function secretLookup({ workloads, objects }: SnapshotIndex, proxy: Proxy): SecretLookup {
  const workload = workloads.byName.get(`${proxy.name}.${proxy.namespace}`);
  const isKnown = workload?.serviceAccount === proxy.serviceAccount && selects(proxy.labels, workload.labels);
  if (!isKnown) return () => undefined;
  const secrets = secretsByName(ofKind(objects, "Secret"));
  return (namespace, name) => (namespace === proxy.namespace ? secrets.get(`${namespace}/${name}`) : undefined);
}
