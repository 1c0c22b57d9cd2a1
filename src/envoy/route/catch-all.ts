import { Route } from "../../../generated/envoy/config/route/v3/route_components.ts";
import type { Scope } from "../../mesh/index.ts";
import { blackHoleCluster, outboundClusterName, passthroughCluster } from "../names.ts";
import { buildDirectResponse } from "./direct-response.ts";
import { buildMatch } from "./match.ts";
import { buildTimeout } from "./timeout.ts";

/** What becomes of requests to hosts that the mesh does not know: named as Istio names the virtual host and its route. */
export type CatchAll = "allow_any" | "block_all";

export function catchAllFor({ outboundTrafficPolicy }: Scope): CatchAll {
  return outboundTrafficPolicy === "ALLOW_ANY" ? "allow_any" : "block_all";
}

/** The cluster that takes what no service claims: the Sidecar's egress proxy, else on to where it was sent, or nowhere. */
export function unclaimedClusterFor({ outboundTrafficPolicy, egressProxy }: Scope): string {
  if (egressProxy) return outboundClusterName(egressProxy.host, egressProxy.port, egressProxy.subset);
  return outboundTrafficPolicy === "ALLOW_ANY" ? passthroughCluster : blackHoleCluster;
}

/** On to where the caller wanted or to the egress proxy, or 502. https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/#MeshConfig-OutboundTrafficPolicy-Mode */
export function buildCatchAllRoute(name: CatchAll, cluster: string): Route {
  const match = buildMatch(undefined);
  if (name === "block_all")
    return Route.fromPartial({ name, match, directResponse: buildDirectResponse({ status: 502 }) });
  return Route.fromPartial({ name, match, route: { cluster, ...buildTimeout(undefined) } });
}
