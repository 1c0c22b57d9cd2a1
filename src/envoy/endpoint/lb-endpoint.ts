import { LbEndpoint } from "../../../generated/envoy/config/endpoint/v3/endpoint_components.ts";
import { HealthStatus } from "../../../generated/envoy/config/core/v3/health_check.ts";
import { memo } from "../../lib/index.ts";
import type { Endpoint } from "../../mesh/index.ts";
import { meshEndpointMatch } from "../cluster/transport-socket.ts";
import { buildAddress } from "./address.ts";

/**
 * One endpoint on one port. Its metadata says whether mesh mTLS goes to it (see transport-socket.ts of the clusters), and who it is, in
 * the words of Istio's telemetry: `workload;namespace;canonical service;canonical revision;cluster`.
 */
export function buildLbEndpoint(endpoint: Endpoint, port: number): LbEndpoint {
  const { address, additionalAddresses = [], weight } = endpoint;
  const filterMetadata = metadataOf(endpoint);
  return LbEndpoint.fromPartial({
    endpoint: {
      address: buildAddress(address, port),
      additionalAddresses: additionalAddresses.map((other) => ({ address: buildAddress(other, port) })),
    },
    healthStatus: HealthStatus.HEALTHY,
    ...(weight > 1 && { loadBalancingWeight: weight }),
    ...(Object.keys(filterMetadata).length > 0 && { metadata: { filterMetadata } }),
  });
}

const metadataOf = memo((endpoint: Endpoint): Record<string, Record<string, string>> => ({
  ...(endpoint.meshMtls && { "envoy.transport_socket_match": meshEndpointMatch }),
  ...(endpoint.workload && { istio: { workload: workloadOf(endpoint) } }),
}));

/** https://istio.io/latest/docs/ops/configuration/telemetry/canonical-service/ is the order of the labels. */
function workloadOf({ workload, namespace, labels }: Endpoint): string {
  const service =
    labels["service.istio.io/canonical-name"] ?? labels["app.kubernetes.io/name"] ?? labels["app"] ?? workload;
  const revision =
    labels["service.istio.io/canonical-revision"] ??
    labels["app.kubernetes.io/version"] ??
    labels["version"] ??
    "latest";
  return [workload, namespace, service, revision, ""].join(";");
}
