import { memo } from "../../lib/index.ts";
import type { MeshObject } from "../../model/index.ts";
import { sameContent } from "../sharing.ts";
import type { Service } from "../types.ts";
import { servicesByHost } from "../registry.ts";
import { codes, type Finding } from "./finding.ts";

/**
 * ServiceEntries for a host that another namespace defines in another way, both for everybody: a namespace uses its own, all others
 * the first, and what the second says (its endpoints too) is not used there.
 */
export const entryOverlaps = memo((services: readonly Service[]): readonly Finding[] => {
  const findings: Finding[] = [];
  for (const group of servicesByHost(services).values()) {
    const [first, ...others] = group.filter(({ exportTo }) => exportTo.includes("*"));
    if (!first) continue;
    for (const other of others) {
      if (other.object.kind === "ServiceEntry" && !saysTheSame(first, other))
        findings.push(overlap(other.object, first));
    }
  }
  return findings;
});

/** Several teams may declare one outside host alike. */
function saysTheSame({ object: a }: Service, { object: b }: Service): boolean {
  return a.kind === b.kind && sameContent(a.spec, b.spec);
}

function overlap(object: MeshObject<"ServiceEntry">, { object: first, hostname }: Service): Finding {
  const i = object.spec.hosts.findIndex((host) => host.toLowerCase() === hostname);
  const { namespace, name } = first.metadata;
  const message = `${first.kind} ${namespace}/${name} defines ${hostname} in another way: only namespace ${object.metadata.namespace} uses this one`;
  const hint = "export it to the namespaces that it is for, or merge both";
  return { code: codes.entryOverlap, object, path: ["spec", "hosts", i], message, hint, level: "info" };
}
