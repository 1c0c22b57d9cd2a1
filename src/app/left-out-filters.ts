import { buildResources, type LeftOut } from "../envoy/index.ts";
import type { Problem } from "../lib/index.ts";
import { viewFor, type Proxy, type Snapshot } from "../mesh/index.ts";
import { isGatewayPod } from "../model/index.ts";

/**
 * EnvoyFilters that would be left out for a workload, since what they make there does not hold together: a reference to what is not there,
 * a name twice. What only an Envoy can say of them (`heddle status` tells it) is not looked at. Costs a build for each kind of workload.
 */
export function leftOutFilters(snapshot: Snapshot): readonly Problem[] {
  if (snapshot.envoyFilters.length === 0) return [];
  const found = new Map<string, Problem>();
  for (const workload of snapshot.workloads.values()) {
    const { name, namespace, serviceAccount, addresses, labels, locality, object } = workload;
    const type = isGatewayPod(object.metadata.annotations) ? "router" : "sidecar";
    const proxy: Proxy = { type, name, namespace, serviceAccount, addresses, labels, locality, metadata: {} };
    const { leftOut = [] } = buildResources(viewFor(snapshot, proxy), { vhds: false });
    for (const one of leftOut) {
      const key = JSON.stringify([one.object.metadata.namespace, one.object.metadata.name, one.reason]);
      if (!found.has(key)) found.set(key, problemOf(one, `${name}.${namespace}`));
    }
  }
  return [...found.values()];
}

function problemOf({ object, reason }: LeftOut, proxy: string): Problem {
  const { namespace, name } = object.metadata;
  return {
    code: "HED313",
    level: "warning",
    message: `is left out for ${proxy}, and maybe others: ${reason}`,
    object: { kind: object.kind, namespace, name },
    position: object.origin.at(["spec", "configPatches"]),
    field: "spec.configPatches",
  };
}
