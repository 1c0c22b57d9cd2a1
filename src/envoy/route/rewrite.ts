import type { RouteAction } from "../../../generated/envoy/config/route/v3/route_components.ts";
import type { HttpRoute } from "../../model/index.ts";
import { authorityIn } from "./header-operations.ts";

/**
 * What the server sees instead of the path and the authority that were asked for; a rewrite beats a header operation on `Host`.
 * https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPRewrite
 */
export function buildRewrite(rule: HttpRoute): Partial<RouteAction> {
  const authority = rule.rewrite?.authority || authorityIn(rule.headers);
  return { ...buildPathRewrite(rule.rewrite), ...(authority && { hostRewriteLiteral: authority }) };
}

/** `uri` replaces what the match matched: its prefix, or the whole path. */
function buildPathRewrite(rewrite: HttpRoute["rewrite"]): Partial<RouteAction> {
  const { uri, uriRegexRewrite: regex } = rewrite ?? {};
  if (regex?.match) {
    return { regexRewrite: { pattern: { regex: regex.match }, substitution: regex.rewrite ?? "" } };
  }
  return uri ? { prefixRewrite: uri } : {};
}
