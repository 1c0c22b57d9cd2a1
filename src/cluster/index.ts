export { connectApi, type KubernetesApi } from "./api.ts";
export { keepCaBundle, type WebhookConfiguration } from "./ca-bundle.ts";
export { startElection, type Election } from "./election.ts";
export { readApi } from "./refusal.ts";
export { replicaReports, type ReplicaReports } from "./replica-reports.ts";
export { createTokenReviewer } from "./reviewer.ts";
export { keepRootConfigMaps } from "./root-config-maps.ts";
export { rootSecret } from "./root-secret.ts";
export { createUpkeep } from "./upkeep.ts";
