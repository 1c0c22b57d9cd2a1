import { fastify, type FastifyError, type FastifyInstance } from "fastify";
import type { Server } from "node:https";
import type { AddressInfo } from "node:net";
import { kinds } from "../../model/index.ts";
import { keepCertificate } from "./certificate.ts";
import { admitPod } from "./inject.ts";
import { createWebhookMetrics, type WebhookMetrics } from "./metrics.ts";
import { formatReview, parseReview, type AdmissionRequest, type Verdict } from "./review.ts";
import { isSettingsMap } from "./settings-map.ts";
import type { WebhookOptions, WebhookServer } from "./types.ts";
import { admitObject } from "./validate.ts";

const maxBody = 6 << 20; // two objects of the largest size that an API server keeps, as JSON
const maxConnections = 1_024;
const patienceMs = 5_000;
const graceMs = 2_000;

const knownKinds: ReadonlySet<unknown> = new Set(kinds.map(({ kind }) => kind));

/**
 * The admission webhooks: `POST /inject` puts sidecars into pods, `POST /validate` checks policy. HTTPS only; who asks is not
 * authenticated (an API server has no certificate by default), so nothing but the request itself decides, and nothing secret is answered.
 * Rejects where the port is taken or the first certificate is bad.
 */
export async function startWebhooks(options: WebhookOptions): Promise<WebhookServer> {
  const app = createApp(options);
  routes(app, options, createWebhookMetrics(options.metrics));
  await app.listen({ host: options.host ?? "0.0.0.0", port: options.port });
  const { port } = app.server.address() as AddressInfo;
  return {
    port,
    async stop() {
      const cut = setTimeout(() => app.server.closeAllConnections(), graceMs);
      await app.close();
      clearTimeout(cut);
    },
  };
}

/** For metrics: a kind that we know, a ConfigMap by what it holds. */
function kindOf({ object }: AdmissionRequest): string {
  if (isSettingsMap(object)) return "MeshConfig";
  return knownKinds.has(object["kind"]) ? String(object["kind"]) : "other";
}

function createApp({ certificate, log }: WebhookOptions): FastifyInstance<Server> {
  const app = fastify({
    https: {
      ...certificate(),
      minVersion: "TLSv1.2",
      handshakeTimeout: patienceMs,
      headersTimeout: patienceMs,
      maxHeaderSize: 16_384,
      connectionsCheckingInterval: 1_000, // how late who is too slow is noticed
    },
    bodyLimit: maxBody,
    requestTimeout: patienceMs, // to receive a request whole
    keepAliveTimeout: 90_000, // API servers keep their connections
    forceCloseConnections: "idle",
  });
  app.server.maxConnections = maxConnections;
  keepCertificate(app.server, certificate, log);
  app.server.on("tlsClientError", (_error, socket) => socket.destroy());
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("application/json", { parseAs: "string" }, (_request, body, done) => done(null, body));
  app.setNotFoundHandler((_request, reply) => reply.code(404).send({ error: "no such route" }));
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const status = error.statusCode ?? 500;
    if (status < 500) return reply.code(status).send({ error: error.message });
    log.error({ err: error, route: request.routeOptions.url }, "a webhook failed");
    return reply.code(500).send({ error: "internal error: see the control plane's log" });
  });
  return app;
}

function routes(app: FastifyInstance<Server>, options: WebhookOptions, metrics: WebhookMetrics): void {
  const { log } = options;
  const answer = (path: string, admit: (request: AdmissionRequest) => Verdict, onFault: () => void): void => {
    app.post<{ Body: string }>(path, (request, reply) => {
      const asked = parseReview(request.body ?? "");
      if ("refused" in asked) {
        onFault();
        return reply.code(400).send({ error: asked.refused });
      }
      return reply.send(formatReview(asked.uid, admit(asked)));
    });
  };
  const inject = (request: AdmissionRequest): Verdict => {
    metrics.requests.inc();
    const { verdict, outcome, reason } = admitPod(request, options, options.injection());
    if (outcome === "injected") metrics.injected.inc();
    else if (outcome === "skipped") metrics.skipped.inc();
    else metrics.failed.inc({ reason: "invalid" });
    const pod = `${request.namespace}/${request.name}`;
    if (outcome === "failed") log.warn({ pod, message: verdict.message }, "a pod cannot be injected");
    else log.debug({ pod, outcome, reason }, "a pod was looked at");
    return verdict;
  };
  const validate = (request: AdmissionRequest): Verdict => {
    const verdict = admitObject(request, options);
    const kind = kindOf(request);
    (verdict.allowed ? metrics.passed : metrics.refused).inc({ kind });
    return verdict;
  };
  answer("/inject", inject, () => metrics.failed.inc({ reason: "request" }));
  answer("/validate", validate, () => metrics.refused.inc({ kind: "other" }));
}
