import { memo } from "../../lib/index.ts";
import type { ResolvedVirtualService } from "../virtual-service.ts";
import { isForMesh } from "../virtual-service-scope.ts";
import { codes, type Finding } from "./finding.ts";

/** Two VirtualServices for one host: sidecars that see both use the first and never merge them. */
export const duplicateHosts = memo((all: readonly ResolvedVirtualService[]): readonly Finding[] => {
  const owners = new Map<string, ResolvedVirtualService[]>();
  const findings: Finding[] = [];
  for (const rule of all) {
    if (!isForMesh(rule.gateways)) continue;
    for (const [i, host] of rule.hosts.entries()) {
      const earlier = owners.get(host);
      if (!earlier) {
        owners.set(host, [rule]);
        continue;
      }
      const winner = earlier.find((other) => someoneSeesBoth(other, rule));
      if (earlier.length < mostCompared) earlier.push(rule);
      if (winner) findings.push(duplicate(rule, winner, host, i));
    }
  }
  return findings;
});

/** Ten thousand private VirtualServices for one host must not cost their square. */
const mostCompared = 100;

function duplicate(rule: ResolvedVirtualService, winner: ResolvedVirtualService, host: string, i: number): Finding {
  const { namespace, name } = winner.object.metadata;
  return {
    code: codes.duplicateVirtualServiceHost,
    object: rule.object,
    path: ["spec", "hosts", i],
    message: `VirtualService ${namespace}/${name} has the host ${host} too: a sidecar that sees both uses only one of them`,
    hint: "put the rules of a host into one VirtualService",
  };
}

/** Whether some namespace sees both. */
export function someoneSeesBoth(a: ResolvedVirtualService, b: ResolvedVirtualService): boolean {
  const left = audience(a);
  const right = audience(b);
  if (left.has("*")) return right.size > 0;
  return right.has("*") ? left.size > 0 : [...left].some((namespace) => right.has(namespace));
}

function audience({ exportTo, namespace }: ResolvedVirtualService): ReadonlySet<string> {
  return new Set(exportTo.filter((to) => to !== "~").map((to) => (to === "." ? namespace : to)));
}
