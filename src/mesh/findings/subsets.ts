import { memo, memo2 } from "../../lib/index.ts";
import type { MeshObject } from "../../model/index.ts";
import type { RuleIndex } from "../destination-rule.ts";
import { noLabels, selects } from "../labels.ts";
import { isWildcard } from "../host.ts";
import type { EndpointSet, Service } from "../types.ts";
import { codes, type Finding } from "./finding.ts";

type RuleObject = MeshObject<"DestinationRule">;

/**
 * Subsets without a single endpoint of a service that has some: requests for them get 503. A service without any endpoint is not told
 * of, as it may be one that is scaled to nothing, or whose pods are not in the input.
 */
export const idleSubsets = memo2(
  (rules: RuleIndex, endpoints: ReadonlyMap<Service, EndpointSet>): readonly Finding[] => {
    const byHost = hostsOf(endpoints);
    const findings: Finding[] = [];
    for (const { value } of rules.byNamespace.values()) {
      for (const [host, merged] of value.byHost) {
        if (isWildcard(host)) continue;
        const sets = (byHost.get(host) ?? []).flatMap((service) => endpoints.get(service) ?? []);
        for (const object of merged.flatMap(({ applied }) => applied.objects)) {
          if (object.spec.subsets?.length) findings.push(...ofRule(object, sets));
        }
      }
    }
    return findings;
  },
);

/** The services that have endpoints, or could, by host. */
export const hostsOf = memo((endpoints: ReadonlyMap<Service, EndpointSet>) =>
  Map.groupBy(endpoints.keys(), ({ hostname }) => hostname),
);

/** Who asks decides which is meant where several namespaces define the host: then each must lack the subset. */
function ofRule(object: RuleObject, sets: readonly EndpointSet[]): readonly Finding[] {
  const [first] = sets;
  return first && sets.every((set) => ofSet(object, set).length > 0) ? ofSet(object, first) : [];
}

/** A set of endpoints is the same object while it says the same, so that only what has changed is looked at again. */
const ofSet = memo2((object: RuleObject, { endpoints }: EndpointSet): readonly Finding[] => {
  if (endpoints.length === 0) return [];
  return (object.spec.subsets ?? []).flatMap(({ name, labels = noLabels }, i): Finding[] => {
    if (endpoints.some((endpoint) => selects(labels, endpoint.labels))) return [];
    const message = `no endpoint of ${object.spec.host} has the labels of the subset "${name}": requests for it get 503`;
    return [{ code: codes.idleSubset, object, path: ["spec", "subsets", i, "labels"], message }];
  });
});
