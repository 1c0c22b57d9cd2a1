import { Filter } from "../../../generated/envoy/config/listener/v3/listener_components.ts";
import type { RouteConfiguration } from "../../../generated/envoy/config/route/v3/route.ts";
import { HttpConnectionManager } from "../../../generated/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager.ts";
import type { MeshSettings } from "../../mesh/index.ts";
import {
  buildHttpConnectionManager,
  connectionManagerName,
  type ConnectionManagerOptions,
  type HttpContext,
  type LimitedContext,
} from "../http/index.ts";
import { packAny } from "../resource.ts";

/** HTTP that leaves the workload by this listener, routed by the route configuration named `rds`. */
export function outboundHttpFilter(settings: MeshSettings, listener: string, rds: string, dynamicDns: boolean): Filter {
  // The semicolon ends the name for the stats tags of the bootstrap: names hold dots.
  return filter({ direction: "outbound", settings, dynamicDns, statPrefix: `outbound_${listener};`, routes: { rds } });
}

/** HTTP that comes to a gateway from outside, or on its way out. */
export function gatewayHttpFilter(
  settings: MeshSettings,
  listener: string,
  rds: string,
  more: LimitedContext & Pick<HttpContext, "dynamicDns" | "topology">,
): Filter {
  return filter({ direction: "gateway", settings, ...more, statPrefix: `outbound_${listener};`, routes: { rds } });
}

/** HTTP that comes in to a port of the workload, whose few routes travel with the listener. */
export function inboundHttpFilter(
  settings: MeshSettings,
  statPrefix: string,
  inline: RouteConfiguration,
  limited: LimitedContext,
): Filter {
  return filter({ direction: "inbound", settings, ...limited, statPrefix, routes: { inline } });
}

function filter(options: ConnectionManagerOptions): Filter {
  return Filter.fromPartial({
    name: connectionManagerName,
    typedConfig: packAny(HttpConnectionManager, buildHttpConnectionManager(options)),
  });
}
