import type { AppliedDestinationRule } from "../../mesh/index.ts";
import type { FieldPath, MeshObject, Subset, TrafficPolicy } from "../../model/index.ts";
import type { Provenance } from "../resource.ts";

export type ConnectionPool = NonNullable<TrafficPolicy["connectionPool"]>;
export type OutlierDetection = NonNullable<TrafficPolicy["outlierDetection"]>;
export type LoadBalancer = NonNullable<TrafficPolicy["loadBalancer"]>;
export type LocalityLbSetting = NonNullable<LoadBalancer["localityLbSetting"]>;
export type ClientTls = NonNullable<TrafficPolicy["tls"]>;

/** The traffic policy of one port of one service or subset, with levels resolved. */
export type Policy = Pick<
  TrafficPolicy,
  "connectionPool" | "outlierDetection" | "loadBalancer" | "tls" | "proxyProtocol" | "retryBudget"
>;

interface Level {
  readonly policy: Policy;
  /** Settings of the port stand for themselves: what they leave out is Envoy's default, not the level above. */
  readonly wholesale: boolean;
  readonly field: FieldPath;
}

function levelFor(policy: TrafficPolicy | undefined, port: number, at: FieldPath): Level | undefined {
  if (!policy) return undefined;
  const field = [...at, "trafficPolicy"];
  const index = (policy.portLevelSettings ?? []).findIndex((settings) => settings.port?.number === port);
  const ofPort = policy.portLevelSettings?.[index];
  if (ofPort) return { policy: ofPort, wholesale: true, field: [...field, "portLevelSettings", index] };
  return { policy, wholesale: false, field };
}

/**
 * What a DestinationRule says about a port: the port's own settings replace the rule's wholesale, and a subset's replace
 * the rule's field by field; what no port can say is the rule's still. https://istio.io/latest/docs/reference/config/networking/destination-rule/#TrafficPolicy
 */
export function policyFor(rule: AppliedDestinationRule | undefined, port: number, subset?: Subset): Policy {
  const base = levelFor(rule?.trafficPolicy, port, ["spec"])?.policy ?? {};
  const over = levelFor(subset?.trafficPolicy, port, []);
  if (!over) return base;
  if (over.wholesale) return { ...ofNoPort(base), ...over.policy };
  return { ...base, ...Object.fromEntries(Object.entries(over.policy).filter(([, value]) => value !== undefined)) };
}

/** What settings of a port do not have, and so do not replace. */
function ofNoPort({ proxyProtocol, retryBudget }: Policy): Policy {
  return { ...(proxyProtocol && { proxyProtocol }), ...(retryBudget && { retryBudget }) };
}

/** The DestinationRule fields that `policyFor` read, most specific first. */
export function policyProvenance(
  rule: AppliedDestinationRule | undefined,
  port: number,
  subset?: Subset,
): Provenance[] {
  if (!rule) return [];
  const found: Provenance[] = [];
  if (subset) {
    for (const object of rule.objects) {
      const index = (object.spec.subsets ?? []).findIndex(({ name }) => name === subset.name);
      if (index < 0) continue;
      const at = ["spec", "subsets", index];
      found.push({ object, field: levelFor(subset.trafficPolicy, port, at)?.field ?? at });
      break; // of several subsets with one name the first counts
    }
  }
  const owner = ownerOf(rule);
  const level = levelFor(rule.trafficPolicy, port, ["spec"]);
  if (owner && level) found.push({ object: owner, field: level.field });
  return found;
}

/** The object whose policy a merged rule took: the first that has one. */
function ownerOf(rule: AppliedDestinationRule): MeshObject<"DestinationRule"> | undefined {
  return rule.objects.find((object) => object.spec.trafficPolicy !== undefined);
}
