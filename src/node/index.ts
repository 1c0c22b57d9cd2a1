export { buildBootstrap, type Bootstrap, type BootstrapOptions } from "./bootstrap.ts";
export { type WorkloadNode } from "./node-identity.ts";
export { buildRootSecret, buildTokenSecret, type ControlPlaneEndpoint, type ProxyFiles } from "./xds-cluster.ts";
export { annotatedConcurrency, proxyRunFor, type ProxyOwner, type ProxyRun } from "./proxy-config.ts";
export { capturesDns, dnsMetadata, readDnsCapture } from "./dns-capture.ts";
export { type IptablesOptions } from "./iptables-options.ts";
export * from "./iptables.ts";
export * from "./iptables-restore.ts";
export * from "./injection/index.ts";
