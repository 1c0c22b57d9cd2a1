export { routeConfigurations, type RouteResources } from "./configuration.ts";
export { inboundRoute } from "./inbound.ts";
