export { routeConfigurations, type RouteResources, type RouteStyle } from "./configuration.ts";
export { inboundRoute } from "./inbound.ts";
