import type { FastifyInstance } from "fastify";
import type { AdminSources, ApplyReport } from "../types.ts";

/** How long a caller may wait for a policy to be live. */
const maxWaitMs = 600_000;

const querystring = {
  type: "object",
  properties: {
    // What problems call the text: a name without a folder and without control characters.
    file: { type: "string", pattern: "^[^./\\p{C}][^/\\p{C}]{0,254}$" },
    wait: { type: "boolean", default: false },
    timeoutMs: { type: "integer", minimum: 1, maximum: maxWaitMs, default: 30_000 },
  },
  required: ["file"],
  additionalProperties: false,
};

interface ApplyQuery {
  file: string;
  wait: boolean;
  timeoutMs: number;
}

/**
 * `POST /api/v1/apply`: a text of YAML. 200 with an ApplyReport, also where a proxy refused it or the time ran out: the report says so.
 * 422 with the problems where nothing was written. The answer comes when the wait is over; who hangs up ends the wait, not the change.
 */
export function applyRoute(app: FastifyInstance, sources: AdminSources, stopping: AbortSignal): void {
  app.post<{ Querystring: ApplyQuery; Body: string }>(
    "/api/v1/apply",
    { schema: { querystring } },
    async (request, reply): Promise<ApplyReport> => {
      const { file, wait, timeoutMs } = request.query;
      if (typeof request.body !== "string") return reply.code(415).send({ error: "send YAML as application/yaml" });
      const written = await sources.apply(request.body, file);
      if (!written.written) return reply.code(422).send(written);
      if (!wait) return written;
      const gone = new AbortController();
      reply.raw.once("close", () => gone.abort());
      const signal = AbortSignal.any([stopping, gone.signal, AbortSignal.timeout(timeoutMs)]);
      return { ...written, live: await sources.live(written.revision, signal, written.objects) };
    },
  );
}
