import { createServer } from "node:http";
import { Server, ServerCredentials, status, type sendUnaryData, type ServerUnaryCall } from "@grpc/grpc-js";
import {
  RateLimitRequest,
  RateLimitResponse,
  RateLimitResponse_Code,
  RateLimitResponse_RateLimit_Unit,
} from "../../generated/envoy/service/ratelimit/v3/rls.ts";

/**
 * A rate limit service of envoy.service.ratelimit.v3 as users run them, in memory: of each distinct descriptor it lets in as many requests an
 * hour as its domain says, `limit-20`; the domain `silent` never gets an answer. On HTTP_PORT it tells the descriptors it was asked for, with
 * their counts, as JSON. https://www.envoyproxy.io/docs/envoy/v1.40.0/api-v3/service/ratelimit/v3/rls.proto
 */
const { PORT = "8081", HTTP_PORT = "8080" } = process.env;
const counts = new Map<string, number>();
const hour = 3600;

function shouldRateLimit(
  { request }: ServerUnaryCall<RateLimitRequest, RateLimitResponse>,
  answer: sendUnaryData<RateLimitResponse>,
): void {
  const { domain, descriptors, hitsAddend } = request;
  if (domain === "silent") return;
  const limit = Number(/^limit-([0-9]+)$/.exec(domain)?.[1] ?? Number.NaN);
  if (Number.isNaN(limit)) return answer({ code: status.INVALID_ARGUMENT, details: `no limits for domain ${domain}` });
  const statuses = descriptors.map(({ entries }) => {
    const key = [domain, ...entries.map(({ key, value }) => `${key}=${value}`)].join(" ");
    const count = (counts.get(key) ?? 0) + Math.max(1, hitsAddend);
    counts.set(key, count);
    return {
      code: count > limit ? RateLimitResponse_Code.OVER_LIMIT : RateLimitResponse_Code.OK,
      currentLimit: { requestsPerUnit: limit, unit: RateLimitResponse_RateLimit_Unit.HOUR },
      limitRemaining: Math.max(0, limit - count),
      durationUntilReset: { seconds: hour, nanos: 0 },
    };
  });
  const isOver = statuses.some(({ code }) => code === RateLimitResponse_Code.OVER_LIMIT);
  const overallCode = isOver ? RateLimitResponse_Code.OVER_LIMIT : RateLimitResponse_Code.OK;
  answer(null, RateLimitResponse.fromPartial({ overallCode, statuses }));
}

const server = new Server();
server.addService(
  {
    ShouldRateLimit: {
      path: "/envoy.service.ratelimit.v3.RateLimitService/ShouldRateLimit",
      requestStream: false,
      responseStream: false,
      requestSerialize: (message: RateLimitRequest) => Buffer.from(RateLimitRequest.encode(message).finish()),
      requestDeserialize: (bytes: Buffer) => RateLimitRequest.decode(bytes),
      responseSerialize: (message: RateLimitResponse) => Buffer.from(RateLimitResponse.encode(message).finish()),
      responseDeserialize: (bytes: Buffer) => RateLimitResponse.decode(bytes),
    },
  },
  { ShouldRateLimit: shouldRateLimit },
);
server.bindAsync(`0.0.0.0:${PORT}`, ServerCredentials.createInsecure(), (error) => {
  if (error) throw error;
});
createServer((_request, response) => {
  response.setHeader("content-type", "application/json").end(JSON.stringify(Object.fromEntries(counts)));
}).listen(Number(HTTP_PORT));
