import type { RouteMatch } from "../../../generated/envoy/config/route/v3/route_components.ts";

/**
 * What a trace calls requests of this route: `host:port` of the one cluster they go to, else `otherwise`, and the path as matched.
 * https://www.envoyproxy.io/docs/envoy/v1.40.0/api-v3/config/route/v3/route_components.proto#config-route-v3-decorator
 */
export function operationFor(match: RouteMatch, cluster: string | undefined, otherwise: string): string {
  const [, port, , host] = cluster?.split("|") ?? [];
  return `${host ? `${host}:${port}` : otherwise}${pathOf(match)}`;
}

function pathOf({ path, safeRegex, prefix = "/" }: RouteMatch): string {
  return path ?? safeRegex?.regex ?? `${prefix}*`;
}
