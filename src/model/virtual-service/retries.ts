import { codes } from "../codes.ts";
import { checkDuration } from "../duration.ts";
import { show } from "../names.ts";
import type { Place } from "../report.ts";
import { suggest } from "../spelling.ts";
import type { HttpRoute } from "../types.ts";

/** https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/router_filter#x-envoy-retry-on, and -grpc-on. */
const conditions =
  `5xx gateway-error reset reset-before-request connect-failure envoy-ratelimited retriable-4xx refused-stream
  retriable-status-codes retriable-headers http3-post-connect-failure
  cancelled deadline-exceeded internal resource-exhausted unavailable`.split(/\s+/);

/** https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPRetry */
export function checkRetries(retries: HttpRoute["retries"], place: Place): void {
  if (!retries) return;
  const { attempts = 0, perTryTimeout, retryOn, retryRemoteLocalities } = retries;
  if (attempts > 2 ** 31 - 1) place.at("attempts").error(codes.outOfRange, "is more than 2147483647");
  if (attempts < 0) place.at("attempts").error(codes.outOfRange, "must not be negative");
  if (attempts === 0 && (perTryTimeout !== undefined || retryOn || retryRemoteLocalities !== undefined))
    place.error(codes.conflict, "a retry policy with 0 attempts retries nothing", "set attempts");
  checkDuration(perTryTimeout, place.at("perTryTimeout"));
  checkDuration(retries.backoff, place.at("backoff"));
  for (const condition of retryOn ? retryOn.split(",") : []) {
    const word = condition.trim();
    if (conditions.includes(word) || /^[1-5][0-9][0-9]$/.test(word)) continue;
    const hint =
      suggest(word, conditions) ??
      "see https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPRetry";
    place.at("retryOn").error(codes.value, `"${show(word)}" is not a condition to retry on`, hint);
  }
}
