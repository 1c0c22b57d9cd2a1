export type * from "./types.ts";
export { buildSnapshot, clusterProblems, problemsWith } from "./snapshot.ts";
export { viewFor } from "./view.ts";
export { likelyProxies } from "./likely-proxies.ts";
export { resolveProxy } from "./proxy.ts";
export { wantedSecrets } from "./gateway/wanted-secrets.ts";
export { clientSecrets, usesClientCredentials } from "./client-credentials.ts";
export { commonHosts } from "./gateway/hosts.ts";
export { hostMatches, isSubsetOf, isWildcard } from "./host.ts";
