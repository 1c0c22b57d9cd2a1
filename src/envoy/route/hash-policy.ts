import { RouteAction_HashPolicy } from "../../../generated/envoy/config/route/v3/route_components.ts";
import type { AppliedDestinationRule } from "../../mesh/index.ts";
import type { TrafficPolicy } from "../../model/index.ts";
import { durationFrom } from "../duration.ts";

type ConsistentHash = NonNullable<NonNullable<TrafficPolicy["loadBalancer"]>["consistentHash"]>;
type Policy = Pick<TrafficPolicy, "loadBalancer" | "portLevelSettings">;

/** Whether anything in a rule speaks of consistent hashing: routes depend on no other part of a DestinationRule. */
export function mentionsHash({ trafficPolicy, subsets }: AppliedDestinationRule): boolean {
  return [trafficPolicy, ...subsets.map((subset) => subset.trafficPolicy)].some(
    (policy) =>
      policy?.loadBalancer?.consistentHash ??
      policy?.portLevelSettings?.some((settings) => settings.loadBalancer?.consistentHash),
  );
}

/**
 * What of a request picks the host, by the DestinationRule of where it goes: the subset's word before the host's, and of each
 * the port's before the general one. Empty: nothing does.
 * https://istio.io/latest/docs/reference/config/networking/destination-rule/#LoadBalancerSettings-ConsistentHashLB
 */
export function buildHashPolicy(
  rule: AppliedDestinationRule | undefined,
  port: number,
  subset?: string,
): RouteAction_HashPolicy[] {
  const ofSubset = subset ? rule?.subsets.find(({ name }) => name === subset)?.trafficPolicy : undefined;
  const hash = hashIn(ofSubset, port) ?? hashIn(rule?.trafficPolicy, port);
  const policy = hash && buildPolicy(hash);
  return policy ? [RouteAction_HashPolicy.fromPartial(policy)] : [];
}

function hashIn(policy: Policy | undefined, port: number): ConsistentHash | undefined {
  const ofPort = policy?.portLevelSettings?.find((settings) => settings.port?.number === port);
  return ofPort?.loadBalancer?.consistentHash ?? policy?.loadBalancer?.consistentHash;
}

function buildPolicy(hash: ConsistentHash): Partial<RouteAction_HashPolicy> | undefined {
  if (hash.httpHeaderName) return { header: { headerName: hash.httpHeaderName } };
  if (hash.httpCookie) return { cookie: buildCookie(hash.httpCookie) };
  if (hash.useSourceIp) return { connectionProperties: { sourceIp: true } };
  if (hash.httpQueryParameterName) return { queryParameter: { name: hash.httpQueryParameterName } };
  return undefined;
}

/** With a `ttl`, 0s included, Envoy makes the cookie where a request has none; without, it only reads it. */
function buildCookie(cookie: NonNullable<ConsistentHash["httpCookie"]>): RouteAction_HashPolicy["cookie"] {
  return {
    name: cookie.name,
    path: cookie.path ?? "",
    ...(cookie.ttl !== undefined && { ttl: durationFrom(cookie.ttl) }),
    attributes: (cookie.attributes ?? []).map(({ name, value = "" }) => ({ name, value })),
  };
}
