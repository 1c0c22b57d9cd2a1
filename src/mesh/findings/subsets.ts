import { memo, memo2, memo3 } from "../../lib/index.ts";
import type { MeshObject } from "../../model/index.ts";
import type { RuleIndex } from "../destination-rule.ts";
import { noLabels, selects } from "../labels.ts";
import { isWildcard } from "../host.ts";
import { servicesByHost } from "../registry.ts";
import type { EndpointSet, Service } from "../types.ts";
import { codes, type Finding } from "./finding.ts";

type RuleObject = MeshObject<"DestinationRule">;

/**
 * Subsets without a single endpoint of a service that has some: requests for them get 503. A service without any endpoint is not told
 * of, as it may be one that is scaled to nothing, or whose pods are not in the input.
 */
export const idleSubsets = memo3(
  (
    services: readonly Service[],
    rules: RuleIndex,
    endpoints: ReadonlyMap<Service, EndpointSet>,
  ): readonly Finding[] => {
    const findings: Finding[] = [];
    for (const subsetted of subsettedServices(services, rules)) {
      const found = ofRule(subsetted, endpoints);
      if (found.length > 0) findings.push(...found);
    }
    return findings;
  },
);

const nobody: readonly Service[] = [];

/** A rule that names subsets of one host, and the services that have it. */
interface Subsetted {
  readonly object: RuleObject;
  readonly services: readonly Service[];
}

const subsettedServices = memo2((services: readonly Service[], rules: RuleIndex): readonly Subsetted[] => {
  const byHost = servicesByHost(services);
  return [...rules.byNamespace.values()].flatMap(({ value }) =>
    [...value.byHost].flatMap(([host, merged]) => {
      const objects = isWildcard(host) ? [] : merged.flatMap(({ applied }) => applied.objects);
      return objects
        .filter(({ spec }) => spec.subsets?.length)
        .map((object) => ({ object, services: byHost.get(host) ?? nobody }));
    }),
  );
});

/** The services that have endpoints, or could, by host. */
export const hostsOf = memo((endpoints: ReadonlyMap<Service, EndpointSet>) =>
  Map.groupBy(endpoints.keys(), ({ hostname }) => hostname),
);

/** Who asks decides which is meant where several namespaces define the host: then each must lack the subset. */
function ofRule({ object, services }: Subsetted, endpoints: ReadonlyMap<Service, EndpointSet>): readonly Finding[] {
  let first: readonly Finding[] | undefined;
  for (const service of services) {
    const set = endpoints.get(service);
    if (!set) continue;
    const found = ofSet(object, set);
    if (found.length === 0) return nothing;
    first ??= found;
  }
  return first ?? nothing;
}

const nothing: readonly Finding[] = [];

/** A set of endpoints is the same object while it says the same, so that only what has changed is looked at again. */
const ofSet = memo2((object: RuleObject, { endpoints }: EndpointSet): readonly Finding[] => {
  if (endpoints.length === 0) return nothing;
  return (object.spec.subsets ?? []).flatMap(({ name, labels = noLabels }, i): Finding[] => {
    if (endpoints.some((endpoint) => selects(labels, endpoint.labels))) return [];
    const message = `no endpoint of ${object.spec.host} has the labels of the subset "${name}": requests for it get 503`;
    return [{ code: codes.idleSubset, object, path: ["spec", "subsets", i, "labels"], message }];
  });
});
