import { fastify, type FastifyError, type FastifyInstance } from "fastify";
import type { AddressInfo } from "node:net";
import type { Log } from "../lib/index.ts";
import { createGuard, isLoopbackHost } from "./guard.ts";
import { applyRoute } from "./routes/apply.ts";
import { operationRoutes } from "./routes/operation.ts";
import { stateRoutes } from "./routes/state.ts";
import { tokenRoute } from "./routes/tokens.ts";
import type { AdminSources } from "./types.ts";

const maxBody = 1 << 20; // as a file of the mesh directory
const maxConnections = 128;
const graceMs = 2_000;

export interface AdminServerOptions {
  readonly host?: string; // 127.0.0.1; loopback only
  readonly port: number; // 15080 by convention; 0: any free one
  readonly token: string;
  readonly log: Log;
  /** Lets Prometheus read `/metrics` without a token. */
  readonly openMetrics?: boolean;
}

export interface AdminServer {
  /** Listens; resolves with the base URL, such as `http://127.0.0.1:15080`. Rejects where the port is taken. */
  start(): Promise<string>;
  /** Ends the waits, answers those who waited, closes the rest within two seconds, then resolves. */
  stop(): Promise<void>;
}

/** The admin API: JSON over HTTP on loopback, for the CLI and for people on this machine. */
export function createAdminServer(sources: AdminSources, options: AdminServerOptions): AdminServer {
  const { host = "127.0.0.1", port } = options;
  if (!isLoopbackHost(host.includes(":") ? `[${host}]` : host))
    throw new RangeError("the admin API listens on loopback only");
  const { app, stop } = createAdminApp(sources, options);
  return {
    async start() {
      await app.listen({ host, port });
      const { port: taken } = app.server.address() as AddressInfo;
      return `http://${host.includes(":") ? `[${host}]` : host}:${taken}`;
    },
    stop,
  };
}

/** The routes without a socket: what tests inject requests into. */
export function createAdminApp(
  sources: AdminSources,
  options: Omit<AdminServerOptions, "host" | "port">,
): { app: FastifyInstance; stop: () => Promise<void> } {
  const { token, log, openMetrics = false } = options;
  if (token.length < 32) throw new RangeError("the admin token is too short to be a secret");
  const app = fastify({
    bodyLimit: maxBody,
    requestTimeout: 10_000, // to receive a request whole
    keepAliveTimeout: 5_000,
    forceCloseConnections: "idle", // who is being answered gets the answer
    http: { headersTimeout: 5_000, maxHeaderSize: 16_384 },
    routerOptions: { maxParamLength: 512 },
    // Nothing is dropped in silence: an unknown field is an error.
    ajv: { customOptions: { removeAdditional: false, coerceTypes: true } },
  });
  const stopping = new AbortController();
  app.server.maxConnections = maxConnections;
  app.addHook("onRequest", createGuard({ token, openMetrics }));
  app.addHook("onSend", async (_request, reply) => {
    // Answers are for programs: no page may frame, guess or keep them.
    reply.headers({
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
      "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    });
  });
  app.removeContentTypeParser("text/plain");
  app.addContentTypeParser("application/yaml", { parseAs: "string" }, (_request, body, done) => done(null, body));
  app.setNotFoundHandler((_request, reply) => reply.code(404).send({ error: "no such route" }));
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const status = error.statusCode ?? 500;
    if (status < 500) return reply.code(status).send({ error: error.message });
    log.error({ err: error, method: request.method, route: request.routeOptions.url }, "admin request failed");
    return reply.code(500).send({ error: "internal error: see the control plane's log" });
  });
  stateRoutes(app, sources);
  applyRoute(app, sources, stopping.signal);
  tokenRoute(app, sources);
  operationRoutes(app, sources);
  const stop = async (): Promise<void> => {
    stopping.abort();
    const cut = setTimeout(() => app.server.closeAllConnections(), graceMs);
    await app.close();
    clearTimeout(cut);
  };
  return { app, stop };
}
