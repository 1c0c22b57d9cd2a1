import { memo2 } from "../../lib/index.ts";
import type { MeshObject } from "../../model/index.ts";
import type { MergedRule, RuleIndex } from "../destination-rule.ts";
import { hostMatches, isSubsetOf, isWildcard } from "../host.ts";
import { servicesByHost, wildcardServices } from "../registry.ts";
import type { Service } from "../types.ts";
import { codes, type Finding } from "./finding.ts";
import { meantBy } from "./short-names.ts";

/** DestinationRules for hosts that no service has, and those that an older rule for the same host overrules. */
export const idleRules = memo2((services: readonly Service[], index: RuleIndex): readonly Finding[] => {
  const findings: Finding[] = [];
  for (const { value } of index.byNamespace.values()) {
    for (const [host, rules] of value.byHost) {
      const objects = rules.flatMap((rule) => rule.applied.objects);
      if (!isServed(services, host))
        findings.push(
          ...objects.map((object) =>
            withoutService(object, host, meantBy(services, index.inputs[0], object.spec.host)),
          ),
        );
      for (const rule of rules) findings.push(...overruled(rule));
    }
  }
  return findings;
});

function isServed(services: readonly Service[], host: string): boolean {
  if (servicesByHost(services).has(host)) return true;
  if (wildcardServices(services).some(({ hostname }) => hostMatches(hostname, host))) return true;
  return isWildcard(host) && services.some(({ hostname }) => isSubsetOf(hostname, host));
}

function withoutService(object: MeshObject<"DestinationRule">, host: string, meant: string | undefined): Finding {
  const message = `no service has the host ${host}, so this rule applies to nothing`;
  const hint = meant !== undefined && meant !== host ? { hint: `did you mean ${meant}?` } : {};
  return { code: codes.ruleWithoutService, object, path: ["spec", "host"], message, ...hint };
}

/** Rules for one host merge, but the first trafficPolicy and the first subset of a name win. */
function overruled({ applied }: MergedRule): Finding[] {
  const [first, ...others] = applied.objects;
  if (!first || others.length === 0) return [];
  const hasPolicy = applied.objects.find((object) => object.spec.trafficPolicy);
  const owner = new Map(
    applied.objects.toReversed().flatMap((o) => (o.spec.subsets ?? []).map((s) => [s.name, o] as const)),
  );
  return others.flatMap((object): Finding[] => {
    const { spec } = object;
    const findings: Finding[] = [];
    const shadowed = (what: string, by: MeshObject<"DestinationRule">) =>
      `${what} of DestinationRule ${by.metadata.namespace}/${by.metadata.name}, which is for the same host and comes first, is used instead`;
    if (spec.trafficPolicy && hasPolicy && hasPolicy !== object) {
      const message = shadowed("the trafficPolicy", hasPolicy);
      findings.push({ code: codes.shadowed, object, path: ["spec", "trafficPolicy"], message });
    }
    for (const [i, { name }] of (spec.subsets ?? []).entries()) {
      const by = owner.get(name);
      if (!by || by === object) continue;
      const message = shadowed(`the subset "${name}"`, by);
      findings.push({ code: codes.shadowed, object, path: ["spec", "subsets", i], message });
    }
    return findings;
  });
}
