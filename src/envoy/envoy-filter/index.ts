export { envoyFiltersIn, patchResources } from "./envoy-filter.ts";
