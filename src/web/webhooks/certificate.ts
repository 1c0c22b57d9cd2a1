import { createSecureContext, type Server } from "node:tls";
import type { Log } from "../../lib/index.ts";
import type { WebhookCertificate } from "./types.ts";

const versions = { minVersion: "TLSv1.2" } as const;

/**
 * Shows each new connection the newest certificate. A bad one, or a source that throws, leaves the one before in force: an API server
 * that cannot connect would keep every pod of the mesh from starting.
 */
export function keepCertificate(server: Server, source: () => WebhookCertificate, log: Log): void {
  let current: WebhookCertificate | undefined;
  const renew = (): void => {
    try {
      const next = source();
      if (next === current) return;
      current = next; // a bad one is told once
      createSecureContext({ ...next, ...versions });
      server.setSecureContext({ ...next, ...versions });
    } catch (error) {
      log.error({ err: error }, "the webhooks' certificate cannot be renewed");
    }
  };
  server.prependListener("connection", renew); // before the handshake is set up
}
