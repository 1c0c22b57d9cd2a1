export { buildBootstrap, type Bootstrap, type BootstrapOptions } from "./bootstrap.ts";
export { type WorkloadNode } from "./node-identity.ts";
export { buildRootSecret, buildTokenSecret, type ControlPlaneEndpoint, type ProxyFiles } from "./xds-cluster.ts";
export { capturesDns, dnsMetadata } from "./dns-capture.ts";
export { type IptablesOptions } from "./iptables-options.ts";
export * from "./iptables.ts";
export * from "./iptables-restore.ts";
export * from "./injection/index.ts";
