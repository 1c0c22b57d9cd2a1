export type * from "./types.ts";
export { createAdminClient, type AdminClient, type AdminFault, type Answer } from "./client.ts";
export { createAdminServer, type AdminServer, type AdminServerOptions } from "./server.ts";
export { startWebhooks } from "./webhooks/server.ts";
export type * from "./webhooks/types.ts";
export { createMonitoringServer } from "./monitoring.ts";
