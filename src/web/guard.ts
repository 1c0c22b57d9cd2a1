import { hash, timingSafeEqual } from "node:crypto";
import { isIPv4 } from "node:net";
import type { FastifyReply, FastifyRequest } from "fastify";

/** The only routes that need no token: they say nothing but that we are here. */
const openRoutes = new Set(["/healthz", "/readyz"]);

export interface Guard {
  readonly token: string;
  readonly openMetrics: boolean;
}

/**
 * Decides before anything of a request is parsed, unknown routes included. 403: a Host or Origin that is not this machine's loopback
 * (a browser sent here by somebody else's page or DNS: https://en.wikipedia.org/wiki/DNS_rebinding). 401: no token, or another.
 */
export function createGuard({
  token,
  openMetrics,
}: Guard): (request: FastifyRequest, reply: FastifyReply) => Promise<void> {
  const expected = digest(token);
  return async (request, reply) => {
    const path = request.routeOptions.url ?? "";
    if (openRoutes.has(path)) return;
    const { host, origin, authorization = "" } = request.headers;
    if (!isLoopbackHost(host ?? "") || (origin !== undefined && !isLoopbackHost(origin.replace(/^http:\/\//, "")))) {
      await reply
        .code(403)
        .send({ error: "the admin API answers only to a Host of this machine: 127.0.0.1 or localhost" });
      return;
    }
    if (openMetrics && path === "/metrics") return;
    const [scheme = "", presented = ""] = authorization.split(" ");
    if (scheme.toLowerCase() === "bearer" && timingSafeEqual(digest(presented), expected)) return;
    await reply.code(401).header("www-authenticate", "Bearer").send({ error: "a valid admin token is missing" });
  };
}

/** `127.0.0.1`, `localhost` or `[::1]`, with or without a port. */
export function isLoopbackHost(host: string): boolean {
  const name = host.replace(/:\d{1,5}$/, "").toLowerCase();
  return name === "localhost" || name === "[::1]" || (isIPv4(name) && name.startsWith("127."));
}

function digest(text: string): Buffer {
  return hash("sha256", text, "buffer");
}
