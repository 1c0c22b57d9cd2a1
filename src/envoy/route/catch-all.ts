import { Route } from "../../../generated/envoy/config/route/v3/route_components.ts";
import type { Scope } from "../../mesh/index.ts";
import { passthroughCluster } from "../names.ts";
import { buildDirectResponse } from "./direct-response.ts";
import { buildMatch } from "./match.ts";
import { buildTimeout } from "./timeout.ts";

/** What becomes of requests to hosts that the mesh does not know: named as Istio names the virtual host and its route. */
export type CatchAll = "allow_any" | "block_all";

export function catchAllFor({ outboundTrafficPolicy }: Scope): CatchAll {
  return outboundTrafficPolicy === "ALLOW_ANY" ? "allow_any" : "block_all";
}

/** On to where the caller wanted, or 502. https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/#MeshConfig-OutboundTrafficPolicy-Mode */
export function buildCatchAllRoute(name: CatchAll): Route {
  const match = buildMatch(undefined);
  if (name === "block_all")
    return Route.fromPartial({ name, match, directResponse: buildDirectResponse({ status: 502 }) });
  return Route.fromPartial({ name, match, route: { cluster: passthroughCluster, ...buildTimeout(undefined) } });
}
