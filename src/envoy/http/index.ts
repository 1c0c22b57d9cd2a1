export { accessLogs } from "./access-log.ts";
export type { HttpContext, HttpFilter, LimitedContext, PolicyFilters } from "./filter.ts";
export { buildPerRoute, httpFilters } from "./filters.ts";
export {
  buildHttpConnectionManager,
  connectionManagerName,
  type ConnectionManagerOptions,
  type RouteSource,
} from "./hcm.ts";
export { buildHeaderMatcher } from "./header-match.ts";
export { onDemandClusters } from "./on-demand.ts";
export { fractionalPercent } from "./percentage.ts";
export { asksPresence, buildStringMatcher, type StringMatch } from "./string-match.ts";
