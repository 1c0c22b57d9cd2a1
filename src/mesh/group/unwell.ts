import type { Snapshot } from "../snapshot-types.ts";
import type { Proxy } from "../types.ts";

/** Why a workload gets no requests although services select it, a sentence; nothing where it is well, or nobody looks after it. */
export function unwellWorkload({ workloads }: Snapshot, { name, namespace }: Proxy): readonly string[] {
  const object = workloads.get(`${name}.${namespace}`)?.object;
  if (object?.kind !== "WorkloadEntry" || object.spec.healthy !== false) return [];
  return [`it gets no requests: ${object.spec.unwell ?? "nobody has found it well yet"}`];
}
