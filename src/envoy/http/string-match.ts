import { StringMatcher } from "../../../generated/envoy/type/matcher/v3/string.ts";

/** Istio's StringMatch; the model lets at most one of the fields through. */
export interface StringMatch {
  readonly exact?: string;
  readonly prefix?: string;
  readonly regex?: string;
}

/** The whole of a value against an RE2 expression, or a text, or its beginning. https://istio.io/latest/docs/reference/config/networking/virtual-service/#StringMatch */
export function buildStringMatcher(match: StringMatch): StringMatcher {
  if (match.exact !== undefined) return StringMatcher.fromPartial({ exact: match.exact });
  if (match.prefix) return StringMatcher.fromPartial({ prefix: match.prefix });
  return StringMatcher.fromPartial({ safeRegex: { regex: match.regex || ".*" } });
}

/**
 * Whether a match asks no more than that there is a value: nothing said, an empty text, or a regex of everything. Envoy
 * refuses empty prefixes and expressions, and `*` is no RE2.
 */
export function asksPresence(match: StringMatch): boolean {
  if (match.exact) return false;
  if (match.prefix) return false;
  return !match.regex || match.regex === "*" || match.regex === ".*";
}
