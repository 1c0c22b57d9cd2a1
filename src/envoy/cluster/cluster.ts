import { Cluster } from "../../../generated/envoy/config/cluster/v3/cluster.ts";
import type { MeshSettings } from "../../mesh/index.ts";
import { encodeResource, type Resource } from "../resource.ts";
import { buildConnection } from "./connection.ts";
import { buildLoadBalancing } from "./lb.ts";
import { buildMetadata } from "./metadata.ts";
import { nameFromHost } from "./origin-tls.ts";
import { buildOutlierDetection } from "./outlier.ts";
import { buildProtocolOptions, httpVersionFor } from "./protocol-options.ts";
import type { Target } from "./target.ts";
import { buildTransportSockets } from "./transport-socket.ts";

/**
 * The cluster of a target, encoded: `discovery` says where its endpoints come from, all else is the policy's.
 * https://www.envoyproxy.io/docs/envoy/v1.40.0/api-v3/config/cluster/v3/cluster.proto
 */
export function buildOutboundCluster(
  target: Target,
  settings: MeshSettings,
  discovery: Partial<Cluster>,
  allMesh: boolean,
): Resource {
  const { connectionPool: pool, outlierDetection } = target.policy;
  const cluster = Cluster.fromPartial({
    name: target.name,
    ...buildConnection(target.policy, settings),
    ...(outlierDetection && { outlierDetection: buildOutlierDetection(outlierDetection) }),
    typedExtensionProtocolOptions: buildProtocolOptions(
      httpVersionFor(target.port.protocol, pool?.http),
      pool,
      nameFromHost(target),
    ),
    ...buildLoadBalancing(target, settings),
    ...buildTransportSockets(target, settings, allMesh),
    metadata: buildMetadata(target),
    ...discovery,
  });
  return encodeResource("cds", target.name, Cluster, cluster, target.provenance);
}
