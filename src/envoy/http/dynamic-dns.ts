import { FilterConfig } from "../../../generated/envoy/extensions/filters/http/dynamic_forward_proxy/v3/dynamic_forward_proxy.ts";
import { dnsCache } from "../dynamic-dns.ts";
import { packAny } from "../resource.ts";
import type { HttpFilter } from "./filter.ts";

/**
 * Looks up the host of a request whose cluster is of resolution DYNAMIC_DNS; others pass it by. It is in the listeners of those alone
 * that see such a host, whose HTTP listeners change with the first one.
 * https://www.envoyproxy.io/docs/envoy/v1.40.0/configuration/http/http_filters/dynamic_forward_proxy_filter
 */
export const dynamicDns: HttpFilter = {
  name: "envoy.filters.http.dynamic_forward_proxy",
  appliesTo: (context) => context.dynamicDns === true,
  filter: () => packAny(FilterConfig, FilterConfig.fromPartial({ dnsCacheConfig: dnsCache })),
};
