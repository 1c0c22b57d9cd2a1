export * from "./bootstrap.ts";
export { type WorkloadNode } from "./node-identity.ts";
export { buildTokenSecret, type ControlPlaneEndpoint, type ProxyFiles } from "./xds-cluster.ts";
export { type IptablesOptions } from "./iptables-options.ts";
export * from "./iptables.ts";
export * from "./iptables-restore.ts";
