import { RateLimit } from "../../../../generated/envoy/config/route/v3/route_components.ts";
import { Descriptor } from "../../../../generated/envoy/extensions/rate_limit_descriptors/expr/v3/expr.ts";
import type { RateLimitDescriptor_Entry as Entry } from "../../../../generated/envoy/extensions/common/ratelimit/v3/ratelimit.ts";
import { byCodeUnit } from "../../../lib/index.ts";
import type { RateLimitRule } from "../../../model/index.ts";
import { packAny } from "../../resource.ts";
import type { HttpContext } from "../filter.ts";
import { buildHeaderMatcher } from "../header-match.ts";
import type { StringMatch } from "../string-match.ts";
import { sourceIpState } from "./source-ip.ts";

type Action = RateLimit["actions"][number];
type Match = NonNullable<RateLimitRule["match"]>;

/** The words by which a request is counted under a rule; the last one, where it is `each`, differs from request to request. */
export interface RuleActions {
  readonly rateLimit: RateLimit;
  /** What the descriptor of a matching request says, without `each`. */
  readonly fixed: readonly Entry[];
  /** The key under which each value is counted by itself. */
  readonly each?: string;
}

/** Whether a rule can match here: a route has its name at a gateway, and a port of a connection manager is one or not. */
export function isRuleFor({ match }: RateLimitRule, { direction, port }: HttpContext): boolean {
  if (match?.route !== undefined && direction !== "gateway") return false;
  return match?.port === undefined || port === undefined || match.port === port;
}

/**
 * What Envoy makes a descriptor of, for the requests that match and for no other: an action that finds nothing keeps the descriptor from
 * being made. https://www.envoyproxy.io/docs/envoy/v1.40.0/configuration/http/http_filters/rate_limit_filter#composing-actions
 */
export function buildRuleActions(rule: RateLimitRule, id: string, context: HttpContext): RuleActions {
  const { match = {} } = rule;
  const conditions = [
    ...(match.route === undefined
      ? []
      : [{ key: "route", value: match.route, holds: `xds.route_name == ${JSON.stringify(match.route)}` }]),
    // Known without looking where the connection manager has one port only.
    ...(match.port === undefined || context.port !== undefined
      ? []
      : [{ key: "port", value: String(match.port), holds: `destination.port == ${match.port}` }]),
  ];
  const last = eachOf(rule);
  const actions = [
    buildMatchAction(match, id),
    ...conditions.map(({ key, value, holds }) => buildExpression(key, onlyWhere(holds, value), false)),
    ...(last ? [last.action] : []),
  ];
  return {
    rateLimit: RateLimit.fromPartial({ actions }),
    fixed: [{ key: "rule", value: id }, ...conditions.map(({ key, value }) => ({ key, value }))],
    ...(last && { each: last.key }),
  };
}

function buildMatchAction(match: Match, id: string): Partial<Action> {
  const headers = [
    ...(match.uri ? [buildHeaderMatcher(":path", withQuery(match.uri))] : []),
    ...(match.method ? [buildHeaderMatcher(":method", match.method)] : []),
    ...(match.authority ? [buildHeaderMatcher(":authority", match.authority)] : []),
    ...Object.entries(match.headers ?? {})
      .sort(([a], [b]) => byCodeUnit(a, b))
      .map(([name, value]) => buildHeaderMatcher(name, value)),
  ];
  const named = { descriptorKey: "rule", descriptorValue: id };
  return headers.length === 0 ? { genericKey: named } : { headerValueMatch: { ...named, headers } };
}

/** What Envoy looks at is the path with its query, and a rule is about the path. */
function withQuery(uri: StringMatch): StringMatch {
  if (uri.exact !== undefined) return { regex: `${literal(uri.exact)}(?:\\?.*)?` };
  return uri.regex ? { regex: `(?:${uri.regex})(?:\\?.*)?` } : uri;
}

/** Text as an RE2 expression of nothing but that text. */
function literal(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}

/** CEL that says `value` where a condition holds, and else fails: a string of JSON is one of CEL too. */
function onlyWhere(condition: string, value: string): string {
  return `{true: ${JSON.stringify(value)}}[${condition}]`;
}

/**
 * What is counted by itself. What a request has none of is left out of its descriptor, so all such requests count together. A caller is
 * who its certificate says, never what a header says; its address is that of the connection.
 */
function eachOf({ per, perHeader }: RateLimitRule): { key: string; action: Partial<Action> } | undefined {
  if (perHeader !== undefined) {
    const key = perHeader.toLowerCase();
    return { key, action: { requestHeaders: { headerName: key, descriptorKey: key, skipIfAbsent: true } } };
  }
  switch (per) {
    case undefined:
      return undefined;
    case "PRINCIPAL":
      return {
        key: "principal",
        action: buildExpression("principal", "connection.uri_san_peer_certificate", true),
      };
    case "SOURCE_IP":
      return { key: "source_ip", action: buildExpression("source_ip", `filter_state['${sourceIpState}']`, true) };
  }
}

/** https://www.envoyproxy.io/docs/envoy/v1.40.0/api-v3/extensions/rate_limit_descriptors/expr/v3/expr.proto */
function buildExpression(descriptorKey: string, text: string, skipIfError: boolean): Partial<Action> {
  const typedConfig = packAny(Descriptor, Descriptor.fromPartial({ descriptorKey, text, skipIfError }));
  return { extension: { name: "envoy.rate_limit_descriptors.expr", typedConfig } };
}
