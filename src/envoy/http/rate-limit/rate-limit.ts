import type { AppliedRateLimit } from "../../../mesh/index.ts";
import type { RateLimitRule } from "../../../model/index.ts";
import type { HttpContext, PolicyFilters } from "../filter.ts";
import { buildRuleActions, isRuleFor } from "./actions.ts";
import { globalFilter } from "./global.ts";
import { localFilter, type CountedRule } from "./local.ts";
import { sourceIpFilter } from "./source-ip.ts";

/**
 * Refuses requests over the limits of RateLimits (docs/rate-limit.md), or counts them only. What is enforced here is one filter, so that a
 * reply says one limit, the strictest; what is only counted has a filter, and statistics, for each policy; a service of limits
 * is asked last, for what is let in here.
 */
export const rateLimit: PolicyFilters = {
  name: "heddle.rate_limit",
  filters: (context) => {
    const { rateLimits = [] } = context;
    const local = rateLimits.filter(({ object }) => !object.spec.global);
    const [shadows, enforced] = [local.filter(isShadow), local.filter((one) => !isShadow(one))];
    const rules = enforced.flatMap((one) => countedRules(one, context));
    const filters = [
      ...shadows.map((one) => ({ name: nameOf(one), enforced: false, rules: countedRules(one, context) })),
      { name: "heddle.rate_limit", enforced: true, rules },
    ].filter((filter) => filter.rules.length > 0);
    const asked = rateLimits.flatMap((applied) => {
      const named = rulesFor(applied, context).map(([rule, index]) =>
        buildRuleActions(rule, rule.name ?? String(index), context),
      );
      return named.length === 0 ? [] : (globalFilter({ name: nameOf(applied), applied, rules: named }) ?? []);
    });
    const looksAtAddress = rateLimits.some((one) => rulesFor(one, context).some(([{ per }]) => per === "SOURCE_IP"));
    return [...(looksAtAddress ? [sourceIpFilter(context)] : []), ...filters.map(localFilter), ...asked];
  },
};

function isShadow({ object }: AppliedRateLimit): boolean {
  return object.spec.mode === "SHADOW";
}

function nameOf({ object: { metadata } }: AppliedRateLimit): string {
  return `heddle.rate_limit.${metadata.namespace}.${metadata.name}`;
}

/** With their index in the policy. */
function rulesFor({ object }: AppliedRateLimit, context: HttpContext): readonly (readonly [RateLimitRule, number])[] {
  return object.spec.rules.map((rule, index) => [rule, index] as const).filter(([rule]) => isRuleFor(rule, context));
}

function countedRules(applied: AppliedRateLimit, context: HttpContext): CountedRule[] {
  const { namespace, name } = applied.object.metadata;
  return rulesFor(applied, context).flatMap(([rule, index]) => {
    const actions = buildRuleActions(rule, `${namespace}/${name}/${index}`, context);
    return rule.limit ? [{ limit: rule.limit, actions }] : [];
  });
}
