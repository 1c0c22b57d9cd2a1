export { createXdsServer, type XdsServer, type XdsServerOptions } from "./server.ts";
export { createSecretSource, type SecretSource } from "./secrets.ts";
export type { Claim, Describe, DescribeCredentials, DescribeLack, Resolve } from "./host.ts";
export type { LiveReport } from "./live.ts";
export type { TlsCertificate } from "./listener.ts";
export type { XdsMetrics } from "./metrics.ts";
export type { RefusedCaller } from "./refused-callers.ts";
export type { ProxyStatus, SyncState } from "./status.ts";
