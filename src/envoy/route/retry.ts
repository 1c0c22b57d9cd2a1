import { RetryPolicy } from "../../../generated/envoy/config/route/v3/route_components.ts";
import { PreviousHostsPredicate } from "../../../generated/envoy/extensions/retry/host/previous_hosts/v3/previous_hosts.ts";
import { PreviousPrioritiesConfig } from "../../../generated/envoy/extensions/retry/priority/previous_priorities/v3/previous_priorities_config.ts";
import type { MeshSettings } from "../../mesh/index.ts";
import type { HttpRoute } from "../../model/index.ts";
import { durationFrom } from "../duration.ts";
import { packAny } from "../resource.ts";

type Retries = NonNullable<HttpRoute["retries"]>;

const statusCodes = "retriable-status-codes";
const defaultRetryOn = `connect-failure,refused-stream,unavailable,cancelled,${statusCodes}`;

const otherHosts = {
  name: "envoy.retry_host_predicates.previous_hosts",
  typedConfig: packAny(PreviousHostsPredicate, {}),
};

const otherPriorities = {
  name: "envoy.retry_priorities.previous_priorities",
  typedConfig: packAny(PreviousPrioritiesConfig, { updateFrequency: 2 }),
};

/**
 * The rule's retries, else the mesh's (`defaultHttpRetryPolicy`), else Istio's: twice, and only where the server has surely not
 * begun. Undefined: 0 attempts were asked for. `hashed`: a consistent hash picks the host, so a retry may go back to it.
 * https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPRetry
 */
export function buildRetryPolicy(
  retries: Retries | undefined,
  { config }: MeshSettings,
  hashed: boolean,
): RetryPolicy | undefined {
  const wanted = retries ?? config.defaultHttpRetryPolicy;
  const attempts = wanted ? (wanted.attempts ?? 0) : 2;
  if (attempts <= 0) return undefined;
  const { perTryTimeout, backoff, retryIgnorePreviousHosts = !hashed, retryRemoteLocalities } = wanted ?? {};
  return RetryPolicy.fromPartial({
    numRetries: attempts,
    ...buildRetryOn(wanted?.retryOn || defaultRetryOn),
    ...(perTryTimeout !== undefined && { perTryTimeout: durationFrom(perTryTimeout) }),
    ...(retryIgnorePreviousHosts && { retryHostPredicate: [otherHosts] }),
    hostSelectionRetryMaxAttempts: 5,
    ...(retryRemoteLocalities && { retryPriority: otherPriorities }),
    ...buildBackOff(backoff),
  });
}

/** Numbers among the conditions are status codes to retry on. */
function buildRetryOn(retryOn: string): Pick<RetryPolicy, "retryOn" | "retriableStatusCodes"> {
  const parts = retryOn.split(",").map((part) => part.trim());
  const codes = parts.filter((part) => /^[1-5]\d\d$/.test(part)).map(Number);
  const conditions = parts.filter((part) => part !== "" && !/^\d+$/.test(part));
  if (codes.length > 0 && !conditions.includes(statusCodes)) conditions.push(statusCodes);
  return { retryOn: conditions.join(","), retriableStatusCodes: codes };
}

/** Envoy refuses a pause of nothing. */
function buildBackOff(backoff: string | undefined): Pick<RetryPolicy, "retryBackOff"> {
  const baseInterval = durationFrom(backoff ?? "0s");
  return baseInterval.seconds > 0 || baseInterval.nanos > 0 ? { retryBackOff: { baseInterval } } : {};
}
