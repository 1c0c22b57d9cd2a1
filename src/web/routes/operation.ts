import type { FastifyInstance } from "fastify";
import type { AdminSources } from "../types.ts";

/** For whoever runs us: alive, ready to serve proxies, and our own metrics. */
export function operationRoutes(
  app: FastifyInstance,
  sources: Pick<AdminSources, "ready" | "metrics" | "remarks">,
): void {
  app.get("/healthz", (_request, reply) => reply.type("text/plain").send("ok\n"));
  app.get("/readyz", (_request, reply) => {
    const ready = sources.ready();
    return reply
      .code(ready ? 200 : 503)
      .type("text/plain")
      .send([ready ? "ok" : "not ready", ...(sources.remarks?.() ?? []), ""].join("\n"));
  });
  app.get("/metrics", async (_request, reply) => {
    const text = await sources.metrics.metrics();
    return reply.type(sources.metrics.contentType).send(text);
  });
}
