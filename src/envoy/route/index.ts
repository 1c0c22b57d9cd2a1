export { routeConfigurations, type RouteResources, type RouteStyle } from "./configuration.ts";
export { unclaimedClusterFor } from "./catch-all.ts";
export { hasOwnListener } from "./plan.ts";
export { endsHttps, gatewayRoutes } from "./gateway.ts";
export { inboundRoute } from "./inbound.ts";
