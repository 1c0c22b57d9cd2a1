import { TcpProxy_TunnelingConfig } from "../../../generated/envoy/extensions/filters/network/tcp_proxy/v3/tcp_proxy.ts";
import type { AppliedDestinationRule } from "../../mesh/index.ts";
import type { Subset, TrafficPolicy } from "../../model/index.ts";

export type Tunnel = NonNullable<TrafficPolicy["tunnel"]>;

/** The tunnel through which connections to a destination go: the subset's, else the rule's; settings of a port leave it alone. */
export function tunnelFor(rule: AppliedDestinationRule | undefined, subset?: Subset): Tunnel | undefined {
  return subset?.trafficPolicy?.tunnel ?? rule?.trafficPolicy?.tunnel;
}

/**
 * Asks the destination, a forward proxy, to carry the connection on to the target: HTTP CONNECT, or POST.
 * https://istio.io/latest/docs/reference/config/networking/destination-rule/#TrafficPolicy-TunnelSettings
 */
export function buildTunnel({ protocol, targetHost, targetPort }: Tunnel): TcpProxy_TunnelingConfig {
  const host = targetHost.includes(":") ? `[${targetHost}]` : targetHost;
  return TcpProxy_TunnelingConfig.fromPartial({ hostname: `${host}:${targetPort}`, usePost: protocol === "POST" });
}
