import type { Any } from "../../../generated/google/protobuf/any.ts";
import { HttpFilter as FilterMessage } from "../../../generated/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager.ts";
import type { HttpRoute } from "../../model/index.ts";
import { cors } from "./cors.ts";
import { dynamicDns } from "./dynamic-dns.ts";
import { fault } from "./fault.ts";
import type { HttpContext, HttpFilter, PolicyFilters } from "./filter.ts";
import { onDemand } from "./on-demand.ts";
import { rateLimit } from "./rate-limit/rate-limit.ts";
import { router } from "./router.ts";

/**
 * Filters in the order Envoy runs them. Add yours where it belongs and say why.
 *
 * A filter that policy may switch on later is always there, disabled, and routes switch it on: the first fault or CORS
 * policy of a mesh changes one virtual host, never a listener, whose update would drain every connection of every sidecar that shares
 * it. https://www.envoyproxy.io/docs/envoy/v1.40.0/intro/arch_overview/http/http_filters#route-based-filter-chain
 */
export const httpFilters: readonly (HttpFilter | PolicyFilters)[] = [
  cors, // answers preflights before anything is done to them: a browser must learn what it may do even if the call would fail
  rateLimit, // refuses what is too much before it costs anything, and before a fault could pass for an answer
  fault, // refuses or delays before the request costs the network anything
  onDemand, // waits for the cluster once nothing else can keep the request from needing it
  dynamicDns, // looks the host up when the cluster is known
  router, // sends the request off: nothing runs after it
];

/** The chain of a connection manager. https://www.envoyproxy.io/docs/envoy/v1.40.0/configuration/http/http_filters/http_filters */
export function buildHttpFilters(context: HttpContext): FilterMessage[] {
  return httpFilters.flatMap((one) => {
    if ("filters" in one) return one.filters(context).map((filter) => FilterMessage.fromPartial(filter));
    if (!one.appliesTo(context)) return [];
    const { name, filter, onlyWhereRouted: disabled = false } = one;
    return [FilterMessage.fromPartial({ name, typedConfig: filter(context), disabled })];
  });
}

/** What a rule says to the filters, for a route's `typed_per_filter_config`. */
export function buildPerRoute(rule: HttpRoute): Record<string, Any> {
  const configs: Record<string, Any> = {};
  for (const filter of httpFilters) {
    const config = "perRoute" in filter ? filter.perRoute?.(rule) : undefined;
    if (config) configs[filter.name] = config;
  }
  return configs;
}
