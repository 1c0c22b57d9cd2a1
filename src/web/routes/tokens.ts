import type { FastifyInstance } from "fastify";
import type { TokenRequest } from "../../ca/index.ts";
import type { AdminSources } from "../types.ts";

const name = { type: "string", minLength: 1, maxLength: 253 };
const body = {
  type: "object",
  properties: { namespace: name, serviceAccount: name, workload: name, ttlMs: { type: "integer", minimum: 1 } },
  required: ["namespace", "serviceAccount", "ttlMs"],
  additionalProperties: false,
};

/** `POST /api/v1/tokens`: a join token, 201; 422 where the CA does not sign what was asked for. */
export function tokenRoute(app: FastifyInstance, sources: AdminSources): void {
  app.post<{ Body: Omit<TokenRequest, "audience"> }>("/api/v1/tokens", { schema: { body } }, async (request, reply) => {
    const made = await sources.createToken(request.body);
    if ("refused" in made) return reply.code(422).send({ error: made.refused });
    return reply.code(201).send(made);
  });
}
