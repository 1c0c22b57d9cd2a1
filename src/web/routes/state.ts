import { X509Certificate } from "node:crypto";
import type { FastifyInstance } from "fastify";
import { redacted } from "../redact.ts";
import { configTypes, type AdminSources, type CaStatus, type ConfigType, type RootStatus } from "../types.ts";

/** What the control plane knows: proxies, what they are served, objects, problems, the CA. Reading only. */
export function stateRoutes(app: FastifyInstance, sources: AdminSources): void {
  app.get("/api/v1/proxies", () => ({ proxies: sources.proxies() }));
  app.get("/api/v1/refused", () => ({ callers: sources.refused?.() ?? [] }));
  app.get("/api/v1/problems", () => ({ problems: sources.problems() }));
  app.get("/api/v1/objects", () => ({ objects: sources.objects() }));
  app.get("/api/v1/ca", () => caStatus(sources.ca));

  const querystring = { type: "object", properties: { type: { enum: configTypes } }, additionalProperties: false };
  app.get<{ Params: { name: string }; Querystring: { type?: ConfigType } }>(
    "/api/v1/proxies/:name/config",
    { schema: { querystring } },
    async (request, reply) => {
      const resources = sources.config(request.params.name, request.query.type);
      if (!resources) return reply.code(404).send({ error: "no proxy of this name is connected" });
      return { resources: resources.map((one) => ({ ...one, resource: redacted(one.resource) })) };
    },
  );
}

function caStatus(ca: AdminSources["ca"]): CaStatus {
  const pem = ca.bundle();
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  return { trustDomain: ca.trustDomain, roots: blocks.map(rootStatus), bundle: pem };
}

function rootStatus(pem: string): RootStatus {
  const { subject, validFromDate, validToDate, fingerprint256 } = new X509Certificate(pem);
  return {
    subject: subject.replaceAll("\n", ", "),
    notBefore: validFromDate.getTime(),
    notAfter: validToDate.getTime(),
    fingerprint: fingerprint256,
  };
}
