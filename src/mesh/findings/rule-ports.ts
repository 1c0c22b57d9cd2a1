import { memo2 } from "../../lib/index.ts";
import type { FieldPath, MeshObject, TrafficPolicy } from "../../model/index.ts";
import type { RuleIndex } from "../destination-rule.ts";
import { isWildcard } from "../host.ts";
import { servicesByHost } from "../registry.ts";
import type { Service } from "../types.ts";
import { codes, type Finding } from "./finding.ts";

type Rule = MeshObject<"DestinationRule">;

/** Settings of DestinationRules for ports that no service of their host has: they apply to nothing. */
export const missingPorts = memo2((services: readonly Service[], index: RuleIndex): readonly Finding[] => {
  const findings: Finding[] = [];
  for (const { value } of index.byNamespace.values()) {
    for (const [host, rules] of value.byHost) {
      const named = isWildcard(host) ? undefined : servicesByHost(services).get(host);
      if (!named) continue;
      for (const object of rules.flatMap(({ applied }) => applied.objects)) {
        if (hasPorts(object)) findings.push(...ofRule(object, host, named));
      }
    }
  }
  return findings;
});

function hasPorts({ spec: { trafficPolicy, subsets = [] } }: Rule): boolean {
  return [trafficPolicy, ...subsets.map((subset) => subset.trafficPolicy)].some(
    (policy) => policy?.portLevelSettings?.length,
  );
}

function ofRule(object: Rule, host: string, services: readonly Service[]): readonly Finding[] {
  const ports = new Set(services.flatMap((service) => service.ports.map(({ number }) => number)));
  const inPolicy = (policy: TrafficPolicy | undefined, at: FieldPath): Finding[] =>
    (policy?.portLevelSettings ?? []).flatMap(({ port }, i) => {
      if (port?.number === undefined || ports.has(port.number)) return [];
      const message = `${host} has no port ${port.number}: these settings apply to nothing`;
      const path = [...at, "portLevelSettings", i, "port", "number"];
      return [{ code: codes.missingPort, object, path, message, hint: `its ports are ${[...ports].join(", ")}` }];
    });
  const { trafficPolicy, subsets = [] } = object.spec;
  return [
    ...inPolicy(trafficPolicy, ["spec", "trafficPolicy"]),
    ...subsets.flatMap((subset, i) => inPolicy(subset.trafficPolicy, ["spec", "subsets", i, "trafficPolicy"])),
  ];
}
