import type { RouteAction } from "../../../generated/envoy/config/route/v3/route_components.ts";
import { durationFrom } from "../duration.ts";

/**
 * How long the whole answer may take, retries included; Istio's default is for ever. A gRPC call's own deadline travels on in
 * `grpc-timeout` and its two ends keep it: Istio also has the sidecar do so, by `max_grpc_timeout`, but Envoy 1.40 logs two warnings
 * about this deprecated field for each route of each update, and with its successor it ignores `timeout`.
 * https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPRoute (timeout)
 */
export function buildTimeout(timeout: string | undefined): Pick<RouteAction, "timeout"> {
  return { timeout: durationFrom(timeout ?? "0s") };
}
