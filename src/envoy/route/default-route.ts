import { Route } from "../../../generated/envoy/config/route/v3/route_components.ts";
import type { MeshSettings } from "../../mesh/index.ts";
import { inboundClusterName, outboundClusterName } from "../names.ts";
import type { Target } from "./destination.ts";
import { buildHashPolicy } from "./hash-policy.ts";
import { buildMatch } from "./match.ts";
import { operationFor } from "./operation.ts";
import { buildRetryPolicy } from "./retry.ts";
import { buildTimeout } from "./timeout.ts";

/** The route to a service that no VirtualService speaks of: everything to its cluster, with the mesh's retries and no timeout. */
export function buildDefaultRoute({ service, rule }: Target, port: number, settings: MeshSettings): Route {
  const hashPolicy = buildHashPolicy(rule, port);
  return buildRouteTo(outboundClusterName(service.hostname, port), `${service.hostname}:${port}`, {
    ...buildTimeout(undefined),
    retryPolicy: buildRetryPolicy(undefined, settings, hashPolicy.length > 0),
    hashPolicy,
  });
}

/**
 * The route from a sidecar to its own workload. It has no timeout, for the caller's sidecar has it, and tries again when the
 * app closed the connection before it could have seen the request.
 */
export function buildInboundDefaultRoute(port: number, operation: string): Route {
  return buildRouteTo(inboundClusterName(port), operation, {
    timeout: { seconds: 0, nanos: 0 },
    maxStreamDuration: { maxStreamDuration: { seconds: 0, nanos: 0 }, grpcTimeoutHeaderMax: { seconds: 0, nanos: 0 } },
    retryPolicy: { retryOn: "reset-before-request", numRetries: 2 },
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
