export { routeConfigurations, type RouteResources, type RouteStyle } from "./configuration.ts";
export { endsHttps, gatewayRoutes } from "./gateway.ts";
export { inboundRoute } from "./inbound.ts";
