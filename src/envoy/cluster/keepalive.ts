import type { TcpKeepalive } from "../../../generated/envoy/config/core/v3/address.ts";
import { UpstreamConnectionOptions } from "../../../generated/envoy/config/cluster/v3/cluster.ts";
import type { MeshSettings } from "../../mesh/index.ts";
import { durationFrom } from "../duration.ts";
import type { ConnectionPool } from "./policy.ts";

type Keepalive = NonNullable<NonNullable<ConnectionPool["tcp"]>["tcpKeepalive"]>;

/**
 * SO_KEEPALIVE towards the upstream: the rule's, else the mesh's; an empty one turns it on with the system's own values.
 * https://istio.io/latest/docs/reference/config/networking/destination-rule/#ConnectionPoolSettings-TCPSettings-TcpKeepalive
 */
export function buildConnectionOptions(
  pool: ConnectionPool | undefined,
  settings: MeshSettings,
): UpstreamConnectionOptions | undefined {
  const keepalive = pool?.tcp?.tcpKeepalive ?? settings.config.tcpKeepalive;
  return keepalive && UpstreamConnectionOptions.fromPartial({ tcpKeepalive: buildKeepalive(keepalive) });
}

function buildKeepalive({ probes, time, interval }: Keepalive): TcpKeepalive {
  return {
    ...(probes && { keepaliveProbes: probes }),
    ...(time && { keepaliveTime: durationFrom(time).seconds }),
    ...(interval && { keepaliveInterval: durationFrom(interval).seconds }),
  };
}
