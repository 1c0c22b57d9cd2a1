export { inboundClusters } from "./inbound.ts";
export { outboundClusters } from "./outbound.ts";
export { policyFor, policyProvenance, type Policy } from "./policy.ts";
export { targetsFor, type Target } from "./target.ts";
