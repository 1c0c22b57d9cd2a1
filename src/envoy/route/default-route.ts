import { Route } from "../../../generated/envoy/config/route/v3/route_components.ts";
import type { InboundPort, MeshSettings } from "../../mesh/index.ts";
import { inboundClusterName, isGrpc, outboundClusterName } from "../names.ts";
import type { Target } from "./destination.ts";
import { buildHashPolicy } from "./hash-policy.ts";
import { buildMatch } from "./match.ts";
import { operationFor } from "./operation.ts";
import { buildRetryPolicy } from "./retry.ts";
import { buildTimeout } from "./timeout.ts";

/** The route to a service that no VirtualService speaks of: everything to its cluster, with the mesh's retries and no timeout. */
export function buildDefaultRoute({ service, rule }: Target, port: number, settings: MeshSettings): Route {
  return buildRouteTo(outboundClusterName(service.hostname, port), `${service.hostname}:${port}`, {
    ...buildTimeout(undefined),
    retryPolicy: buildRetryPolicy(undefined, settings, false), // as on Istio: only a rule of its own goes back to the same host
    hashPolicy: buildHashPolicy(rule, port),
  });
}

/**
 * The route from a sidecar to its own workload. It has no timeout, for the caller's sidecar has it, and tries again when the
 * app closed the connection before it could have seen the request; not of gRPC, whose streams that does not do well to, as on Istio.
 */
export function buildInboundDefaultRoute(
  { port, protocol }: Pick<InboundPort, "port" | "protocol">,
  operation: string,
): Route {
  return buildRouteTo(inboundClusterName(port), operation, {
    timeout: { seconds: 0, nanos: 0 },
    maxStreamDuration: { maxStreamDuration: { seconds: 0, nanos: 0 }, grpcTimeoutHeaderMax: { seconds: 0, nanos: 0 } },
    ...(!isGrpc(protocol) && { retryPolicy: { retryOn: "reset-before-request", numRetries: 2 } }),
  });
}

function buildRouteTo(
  cluster: string,
  operation: string,
  action: NonNullable<Parameters<typeof Route.fromPartial>[0]["route"]>,
): Route {
  const match = buildMatch(undefined);
  return Route.fromPartial({
    name: "default",
    match,
    decorator: { operation: operationFor(match, undefined, operation) },
    route: { cluster, ...action },
  });
}
