import { ApiVersion } from "../../../../generated/envoy/config/core/v3/config_source.ts";
import {
  RateLimit,
  RateLimit_XRateLimitHeadersRFCVersion,
} from "../../../../generated/envoy/extensions/filters/http/ratelimit/v3/rate_limit.ts";
import { StatusCode } from "../../../../generated/envoy/type/v3/http_status.ts";
import type { AppliedRateLimit } from "../../../mesh/index.ts";
import { durationFrom } from "../../duration.ts";
import { outboundClusterName } from "../../names.ts";
import { packAny } from "../../resource.ts";
import type { RuleActions } from "./actions.ts";
import { always } from "./local.ts";

/** How long a request waits for the service: Envoy's 20 ms are few for a call that goes by two sidecars. */
const patience = "100ms";

export interface GlobalFilterOptions {
  readonly name: string;
  readonly applied: AppliedRateLimit;
  readonly rules: readonly RuleActions[];
}

/**
 * A filter that asks a service of the mesh, over the mesh's own cluster to it: mutual TLS and all that a DestinationRule says of it. A
 * service that is not there is one that does not answer. Undefined where the policy is not global.
 * https://www.envoyproxy.io/docs/envoy/v1.40.0/configuration/http/http_filters/rate_limit_filter
 */
export function globalFilter({ name, applied: { object, service }, rules }: GlobalFilterOptions) {
  const { global, mode } = object.spec;
  if (!global || !service) return undefined;
  const enforced = mode !== "SHADOW";
  const { DRAFT_VERSION_03, OFF } = RateLimit_XRateLimitHeadersRFCVersion;
  const authority = `${service.host}:${service.port}`;
  const config = RateLimit.fromPartial({
    domain: global.domain,
    statPrefix: name,
    timeout: durationFrom(global.timeout ?? patience),
    failureModeDeny: enforced && global.failureMode === "DENY",
    statusOnError: { code: StatusCode.ServiceUnavailable },
    filterEnforced: always(enforced),
    rateLimits: rules.map(({ rateLimit }) => rateLimit),
    enableXRatelimitHeaders: enforced ? DRAFT_VERSION_03 : OFF,
    rateLimitedAsResourceExhausted: true,
    rateLimitService: {
      grpcService: { envoyGrpc: { clusterName: outboundClusterName(service.host, service.port), authority } },
      transportApiVersion: ApiVersion.V3,
    },
  });
  return { name, typedConfig: packAny(RateLimit, config) };
}
