import type { RouteAction } from "../../../generated/envoy/config/route/v3/route_components.ts";
import { durationFrom } from "../duration.ts";

/**
 * How long the whole answer may take, retries included; Istio's default is for ever. A gRPC caller's own deadline holds
 * within that. https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPRoute (timeout)
 */
export function buildTimeout(timeout: string | undefined): Pick<RouteAction, "timeout" | "maxGrpcTimeout"> {
  const limit = durationFrom(timeout ?? "0s");
  return { timeout: limit, maxGrpcTimeout: limit };
}
