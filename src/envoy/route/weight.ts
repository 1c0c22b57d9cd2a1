import {
  type RouteAction,
  WeightedCluster_ClusterWeight,
} from "../../../generated/envoy/config/route/v3/route_components.ts";
import type { HttpRoute } from "../../model/index.ts";
import { destinationCluster, type RouteContext } from "./destination.ts";
import { authorityIn, buildHeaderFields } from "./header-operations.ts";

export type RouteDestination = NonNullable<HttpRoute["route"]>[number];

const maxTotal = 0xffff_ffff; // Envoy adds the weights up in 32 bits

/** The destinations that get requests: a single one needs no weight, of several those with one. */
export function weighedDestinations(rule: HttpRoute): readonly RouteDestination[] {
  const destinations = rule.route ?? [];
  return destinations.length === 1 ? destinations : destinations.filter(({ weight }) => (weight ?? 0) > 0);
}

/** Shares of the requests by weight. https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPRouteDestination */
export function buildWeightedClusters(
  destinations: readonly RouteDestination[],
  context: RouteContext,
): Pick<RouteAction, "weightedClusters"> {
  const total = destinations.reduce((sum, { weight = 0 }) => sum + weight, 0);
  const scale = Math.ceil(total / maxTotal);
  const clusters = destinations.map(({ destination, weight = 0, headers }) => {
    const authority = authorityIn(headers);
    return WeightedCluster_ClusterWeight.fromPartial({
      name: destinationCluster(destination, context),
      weight: Math.floor(weight / scale),
      ...buildHeaderFields(headers),
      ...(authority && { hostRewriteLiteral: authority }),
    });
  });
  return { weightedClusters: { clusters, runtimeKeyPrefix: "" } };
}
