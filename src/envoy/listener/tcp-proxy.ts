import { Filter } from "../../../generated/envoy/config/listener/v3/listener_components.ts";
import { TcpProxy } from "../../../generated/envoy/extensions/filters/network/tcp_proxy/v3/tcp_proxy.ts";
import type { MeshSettings } from "../../mesh/index.ts";
import type { Policy } from "../cluster/index.ts";
import { durationFrom } from "../duration.ts";
import { accessLogs } from "../http/index.ts";
import { packAny } from "../resource.ts";
import type { TcpDestination } from "./destination.ts";
import { buildTunnel, type Tunnel } from "./tunnel.ts";

/**
 * The filter that carries bytes to one cluster, or to one of several by weight.
 * Of the DestinationRule's connection pool it heeds the idle timeout and the greatest age of a connection; `useSourceIp`
 * makes a consistent hash of the caller's address.
 * https://www.envoyproxy.io/docs/envoy/v1.40.0/api-v3/extensions/filters/network/tcp_proxy/v3/tcp_proxy.proto
 */
export function buildTcpProxy(
  settings: MeshSettings,
  statPrefix: string,
  destinations: readonly Pick<TcpDestination, "cluster" | "weight">[],
  policy?: Policy,
  tunnel?: Tunnel,
): Filter {
  const tcp = policy?.connectionPool?.tcp;
  const [first] = destinations;
  const proxy = TcpProxy.fromPartial({
    statPrefix,
    ...(destinations.length === 1 && first
      ? { cluster: first.cluster }
      : { weightedClusters: { clusters: destinations.map(({ cluster, weight }) => ({ name: cluster, weight })) } }),
    ...(tcp?.idleTimeout === undefined ? {} : { idleTimeout: durationFrom(tcp.idleTimeout) }),
    ...(tcp?.maxConnectionDuration === undefined
      ? {}
      : { maxDownstreamConnectionDuration: durationFrom(tcp.maxConnectionDuration) }),
    ...(tunnel && { tunnelingConfig: buildTunnel(tunnel) }),
    hashPolicy: policy?.loadBalancer?.consistentHash?.useSourceIp ? [{ sourceIp: {} }] : [],
    accessLog: [...accessLogs(settings)],
  });
  return Filter.fromPartial({ name: "envoy.filters.network.tcp_proxy", typedConfig: packAny(TcpProxy, proxy) });
}
