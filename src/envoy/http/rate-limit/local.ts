import type { RuntimeFractionalPercent } from "../../../../generated/envoy/config/core/v3/base.ts";
import {
  LocalRateLimitDescriptor,
  XRateLimitHeadersRFCVersion,
} from "../../../../generated/envoy/extensions/common/ratelimit/v3/ratelimit.ts";
import { LocalRateLimit } from "../../../../generated/envoy/extensions/filters/http/local_ratelimit/v3/local_rate_limit.ts";
import type { RateLimitRule } from "../../../model/index.ts";
import { durationFrom } from "../../duration.ts";
import { packAny } from "../../resource.ts";
import { fractionalPercent } from "../percentage.ts";
import type { RuleActions } from "./actions.ts";

/** How many callers (addresses, values) of one rule a proxy counts at a time; beyond that it forgets those it has not seen for longest. */
const maxCounted = 10_000;

/** A rule with a limit of its own, and what tells it from all others of the filter. */
export interface CountedRule {
  readonly limit: NonNullable<RateLimitRule["limit"]>;
  readonly actions: RuleActions;
}

export interface LocalFilterOptions {
  readonly name: string;
  readonly enforced: boolean;
  readonly rules: readonly CountedRule[];
}

/**
 * A filter that counts in this proxy alone, in buckets that fill all the time: the fullest speed is `requests` in an interval, beginning with
 * `burst`. A request must be let in by every rule that it matches, and the strictest is asked first, so that what is refused is
 * taken from no other. https://www.envoyproxy.io/docs/envoy/v1.40.0/configuration/http/http_filters/local_rate_limit_filter
 */
export function localFilter({ name, enforced, rules }: LocalFilterOptions) {
  const { DRAFT_VERSION_03, OFF } = XRateLimitHeadersRFCVersion;
  const config = LocalRateLimit.fromPartial({
    statPrefix: name,
    filterEnabled: always(true),
    filterEnforced: always(enforced),
    rateLimits: rules.map(({ actions }) => actions.rateLimit),
    descriptors: rules.flatMap(buildDescriptors),
    enableXRatelimitHeaders: enforced ? DRAFT_VERSION_03 : OFF,
    rateLimitedAsResourceExhausted: true,
    alwaysConsumeDefaultTokenBucket: false,
    ...(rules.some(({ actions }) => actions.each !== undefined) && { maxDynamicDescriptors: maxCounted }),
  });
  return { name, typedConfig: packAny(LocalRateLimit, config) };
}

/** A bucket for each value, and one for all requests that have none. */
function buildDescriptors({ limit, actions: { fixed, each } }: CountedRule): LocalRateLimitDescriptor[] {
  const tokenBucket = {
    maxTokens: limit.burst ?? limit.requests,
    tokensPerFill: limit.requests,
    fillInterval: durationFrom(limit.interval),
  };
  const counted = each === undefined ? [fixed] : [[...fixed, { key: each, value: "" }], fixed];
  return counted.map((entries) => LocalRateLimitDescriptor.fromPartial({ entries: [...entries], tokenBucket }));
}

/** All requests, or none of them. */
export function always(yes: boolean): RuntimeFractionalPercent {
  return { defaultValue: fractionalPercent(yes ? 100 : 0), runtimeKey: "" };
}
