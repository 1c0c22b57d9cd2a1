export { sniAssignments, sniClusters, sniTargets } from "./sni.ts";
export { inboundClusters } from "./inbound.ts";
export { outboundClusters } from "./outbound.ts";
export { policyFor, type Policy } from "./policy.ts";
