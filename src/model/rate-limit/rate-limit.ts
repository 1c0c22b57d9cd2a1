import { schema } from "../../../generated/schemas/rate-limit.ts";
import { codes } from "../codes.ts";
import { checkDuration } from "../duration.ts";
import { checkHeaderName } from "../headers.ts";
import { groups, istioKind } from "../kind.ts";
import { checkSelector, show } from "../names.ts";
import { each, eachEntry, type Place } from "../report.ts";
import type { RateLimitRule, RateLimitSpec } from "../types.ts";
import { checkStringMatch } from "../virtual-service/match.ts";
import { faultOfServicePort } from "./service-port.ts";

/** Envoy fills no bucket more often. */
const shortest = 50;
const longest = 24 * 3_600_000;

/** How many requests are let in, and whose: docs/rate-limit.md. Istio has no kind for it. */
export const rateLimit = istioKind("RateLimit", groups.heddle, schema, (spec, place) => {
  const { selector, targetRefs, rules, global } = spec;
  if (selector) checkSelector(selector.matchLabels, place.at("selector"));
  if (selector && targetRefs?.length)
    place.at("targetRefs").error(codes.conflict, "only one of selector and targetRefs may be set");
  each(targetRefs, place.at("targetRefs"), ({ kind, group }, at) => {
    if (kind !== "Gateway" || group !== "gateway.networking.k8s.io")
      at.warn(codes.noEffect, "only a Gateway of group gateway.networking.k8s.io has proxies of its own");
  });
  if (global) checkGlobal(global, place.at("global"));
  const names = new Set<string>();
  each(rules, place.at("rules"), (rule, at) => {
    checkRule(rule, global !== undefined, at);
    if (rule.name === undefined) return;
    if (names.has(rule.name)) at.at("name").error(codes.duplicate, `another rule is called "${show(rule.name)}" too`);
    names.add(rule.name);
  });
});

function checkRule({ name, match, perHeader, limit }: RateLimitRule, isGlobal: boolean, place: Place): void {
  if (match) checkMatch(match, place.at("match"));
  if (perHeader !== undefined) checkHeaderName(perHeader, place.at("perHeader"));
  if (isGlobal) {
    if (limit) place.at("limit").error(codes.conflict, "the rate limit service has the limits of a global policy");
    if (name === undefined)
      place.error(codes.incomplete, "a rule needs a name that the rate limit service can know it by");
  } else if (!limit) place.error(codes.missing, 'the field "limit" is missing');
  else checkDuration(limit.interval, place.at("limit", "interval"), { min: shortest, max: longest });
}

function checkMatch(match: NonNullable<RateLimitRule["match"]>, place: Place): void {
  for (const field of ["uri", "method", "authority"] as const) checkStringMatch(match[field], place.at(field));
  // A quotation that is left open would take in the end of what becomes of the expression: one that lets a query follow.
  if (/(?<!\\)(?:\\\\)*\\Q/.test(match.uri?.regex ?? ""))
    place.at("uri", "regex").error(codes.regex, "\\Q is not supported here", "put a backslash before each sign");
  if (match.route?.isWellFormed() === false)
    place.at("route").error(codes.text, "is no text: half a character is missing");
  eachEntry(match.headers, place.at("headers"), (name, value, at) => {
    checkHeaderName(name, at);
    checkStringMatch(value, at, { empty: true });
  });
  if (Object.keys(match).length === 0)
    place.warn(codes.noEffect, "says nothing: every request matches", "leave it out if that is meant");
}

function checkGlobal({ service, timeout }: NonNullable<RateLimitSpec["global"]>, place: Place): void {
  const fault = faultOfServicePort(service);
  if (fault !== undefined) place.at("service").error(codes.host, fault, "write it as ratelimit.infra:8081");
  checkDuration(timeout, place.at("timeout"), { max: 60_000 });
}
