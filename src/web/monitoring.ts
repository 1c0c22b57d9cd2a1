import { fastify, type FastifyError } from "fastify";
import type { AddressInfo } from "node:net";
import { operationRoutes } from "./routes/operation.ts";
import type { AdminSources } from "./types.ts";

/** `/metrics`, `/healthz` and `/readyz` for a kubelet and a Prometheus that have no token of ours: nothing else, and nothing secret. */
export interface MonitoringServer {
  /** Listens; resolves with the port. Rejects where it is taken. */
  start(this: void): Promise<number>;
  stop(this: void): Promise<void>;
}

/** Plain HTTP on any address; only GET, no bodies, few connections. */
export function createMonitoringServer(
  sources: Pick<AdminSources, "ready" | "metrics" | "remarks">,
  { host, port }: { readonly host: string; readonly port: number },
): MonitoringServer {
  const app = fastify({
    bodyLimit: 1,
    requestTimeout: 5_000,
    keepAliveTimeout: 5_000,
    forceCloseConnections: true,
    http: { headersTimeout: 5_000, maxHeaderSize: 16_384 },
  });
  app.server.maxConnections = 128;
  app.addHook("onSend", async (_request, reply) => {
    reply.headers({ "cache-control": "no-store", "x-content-type-options": "nosniff" });
  });
  app.setNotFoundHandler((_request, reply) => reply.code(404).type("text/plain").send("no such route\n"));
  app.setErrorHandler(({ statusCode = 500 }: FastifyError, _request, reply) =>
    reply.code(statusCode).type("text/plain").send("refused\n"),
  );
  operationRoutes(app, sources);
  return {
    async start() {
      await app.listen({ host, port });
      return (app.server.address() as AddressInfo).port;
    },
    stop: () => app.close(),
  };
}
