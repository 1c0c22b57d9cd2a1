import { ApiVersion } from "../../../generated/envoy/config/core/v3/config_source.ts";
import type { RouteConfiguration } from "../../../generated/envoy/config/route/v3/route.ts";
import {
  HttpConnectionManager,
  HttpConnectionManager_ServerHeaderTransformation,
  type Rds,
} from "../../../generated/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager.ts";
import { hardenEdge, hardenInboundHeaders, hardenPaths } from "../hardening.ts";
import { accessLogs } from "./access-log.ts";
import type { HttpContext } from "./filter.ts";
import { buildHttpFilters } from "./filters.ts";

/** Where a connection manager gets its routes: by name over RDS, or with the listener. */
export type RouteSource = { readonly rds: string } | { readonly inline: RouteConfiguration };

export interface ConnectionManagerOptions extends HttpContext {
  readonly statPrefix: string;
  readonly routes: RouteSource;
}

/** The name of the network filter that carries the message below. */
export const connectionManagerName = "envoy.filters.network.http_connection_manager";

/**
 * The HTTP side of a listener, as Istio sets it for sidecars and hardened (see hardening.ts): no timeouts of its own, for
 * routes and clusters have them; upgrades to WebSocket, HTTP/1.0 and `100-continue` pass; the caller's address is the connection's.
 * https://www.envoyproxy.io/docs/envoy/v1.40.0/api-v3/extensions/filters/network/http_connection_manager/v3/http_connection_manager.proto
 */
export function buildHttpConnectionManager(options: ConnectionManagerOptions): HttpConnectionManager {
  const { settings, routes, statPrefix } = options;
  return HttpConnectionManager.fromPartial({
    statPrefix,
    ...("rds" in routes ? { rds: buildRds(routes.rds) } : { routeConfig: routes.inline }),
    httpFilters: buildHttpFilters(options),
    httpProtocolOptions: { acceptHttp10: true },
    streamIdleTimeout: { seconds: 0, nanos: 0 },
    accessLog: [...accessLogs(settings)],
    useRemoteAddress: false,
    proxy100Continue: true,
    upgradeConfigs: [{ upgradeType: "websocket" }],
    ...hardenPaths(settings),
    ...(options.direction === "inbound" && {
      ...hardenInboundHeaders(),
      serverHeaderTransformation: HttpConnectionManager_ServerHeaderTransformation.PASS_THROUGH, // the app's own name
    }),
    ...(options.direction === "gateway" && hardenEdge(options.topology)),
  });
}

/** `initial_fetch_timeout` 0: a listener waits for its routes rather than answer 404. */
function buildRds(routeConfigName: string): Rds {
  return {
    routeConfigName,
    configSource: {
      authorities: [],
      ads: {},
      initialFetchTimeout: { seconds: 0, nanos: 0 },
      resourceApiVersion: ApiVersion.V3,
    },
  };
}
