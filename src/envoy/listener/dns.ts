import { SocketAddress_Protocol } from "../../../generated/envoy/config/core/v3/address.ts";
import { TrafficDirection } from "../../../generated/envoy/config/core/v3/base.ts";
import { Listener } from "../../../generated/envoy/config/listener/v3/listener.ts";
import { DnsFilterConfig } from "../../../generated/envoy/extensions/filters/udp/dns_filter/v3/dns_filter.ts";
import type { Scope } from "../../mesh/index.ts";
import { passthroughCluster } from "../names.ts";
import { encodeResource, packAny, type Resource } from "../resource.ts";
import { buildVirtualDomains, dnsTableFor } from "./dns-table.ts";
import type { Families } from "./families.ts";
import type { EndpointsOf } from "./headless.ts";
import { originalDst } from "./listener-filters.ts";
import { buildTcpProxy } from "./tcp-proxy.ts";

/** Where iptables turns the workload's DNS queries. */
const dnsPort = 15053;

/**
 * The listeners of a proxy that answers its workload's DNS. Over UDP: names of the mesh from a table, which all proxies of a namespace
 * and scope share; all others are looked up as the machine's resolv.conf says. Over TCP, which is asked when an answer was too long:
 * the connection goes on to the server that the workload asked.
 * https://www.envoyproxy.io/docs/envoy/v1.40.0/configuration/listeners/udp_filters/dns_filter
 */
export function dnsListeners(scope: Scope, families: Families, endpointsOf: EndpointsOf): Resource[] {
  return [udpListener(scope, families, endpointsOf), tcpListener(scope, families)];
}

function udpListener(scope: Scope, families: Families, endpointsOf: EndpointsOf): Resource {
  const table = dnsTableFor(scope, families, endpointsOf);
  const config = DnsFilterConfig.fromPartial({
    statPrefix: "dns",
    serverConfig: { inlineDnsTable: { externalRetryCount: 1, virtualDomains: buildVirtualDomains(table) } },
    clientConfig: { resolverTimeout: { seconds: 5 }, maxPendingLookups: 1024 },
  });
  const listener = Listener.fromPartial({
    name: "dns",
    ...addresses(families, SocketAddress_Protocol.UDP),
    trafficDirection: TrafficDirection.OUTBOUND,
    listenerFilters: [{ name: "envoy.filters.udp.dns_filter", typedConfig: packAny(DnsFilterConfig, config) }],
  });
  return encodeResource("lds", "dns", Listener, listener, []);
}

function tcpListener({ settings }: Scope, families: Families): Resource {
  const listener = Listener.fromPartial({
    name: "dns-tcp",
    ...addresses(families, SocketAddress_Protocol.TCP),
    trafficDirection: TrafficDirection.OUTBOUND,
    listenerFilters: [originalDst],
    filterChains: [{ filters: [buildTcpProxy(settings, "dns-tcp", [{ cluster: passthroughCluster, weight: 1 }])] }],
  });
  return encodeResource("lds", "dns-tcp", Listener, listener, []);
}

/** Redirected packets of the workload's own arrive on its loopback; nobody else is answered. */
function addresses({ v4, v6 }: Families, protocol: SocketAddress_Protocol) {
  const all = [...(v4 ? ["127.0.0.1"] : []), ...(v6 ? ["::1"] : [])];
  const [first, ...others] = all.map((address) => ({ socketAddress: { address, portValue: dnsPort, protocol } }));
  return { ...(first && { address: first }), additionalAddresses: others.map((address) => ({ address })) };
}
