import { Cluster_DnsLookupFamily } from "../../generated/envoy/config/cluster/v3/cluster.ts";
import { DnsCacheConfig } from "../../generated/envoy/extensions/common/dynamic_forward_proxy/v3/dns_cache.ts";
import { memo } from "../lib/index.ts";
import type { VisibleService } from "../mesh/index.ts";

/**
 * Where an Envoy keeps what it has looked up for hosts of resolution DYNAMIC_DNS: one cache for filters and clusters, who must agree on every
 * word of it. Both IP versions are asked for, and the one that answers is used (Happy Eyeballs).
 * https://www.envoyproxy.io/docs/envoy/v1.40.0/configuration/http/http_filters/dynamic_forward_proxy_filter
 */
export const dnsCache = DnsCacheConfig.fromPartial({
  name: "dynamic_dns",
  dnsLookupFamily: Cluster_DnsLookupFamily.ALL,
});

/** Whether any of these services is looked up by the names that requests carry. */
export const usesDynamicDns = memo((services: readonly VisibleService[]): boolean =>
  services.some(({ service }) => service.resolution === "DYNAMIC_DNS"),
);
