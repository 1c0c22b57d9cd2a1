import { MetadataMatcher } from "../../../generated/envoy/type/matcher/v3/metadata.ts";
import type { ValueMatcher } from "../../../generated/envoy/type/matcher/v3/value.ts";
import { asksPresence, buildStringMatcher, type StringMatch } from "../http/index.ts";

const prefix = "@request.auth.claims";

/** Whether a match names a claim of the request's token in place of a header: `@request.auth.claims.sub` or `@request.auth.claims[sub]`. */
export function namesClaim(header: string): boolean {
  return header.toLowerCase().startsWith(prefix);
}

/**
 * The condition that a verified token has a claim of that value, or a list with it among others. The filter that verifies tokens leaves their
 * payload where this looks. https://istio.io/latest/docs/tasks/security/authentication/jwt-route/
 */
export function buildClaimMatch(header: string, match: StringMatch, invert: boolean): MetadataMatcher {
  return MetadataMatcher.fromPartial({
    filter: "envoy.filters.http.jwt_authn",
    path: ["payload", ...claimPath(header)].map((key) => ({ key })),
    value: asksPresence(match) ? { presentMatch: true } : textOrList(match),
    invert,
  });
}

/** `.a.b` is the claim b inside of a; a name that holds dots stands in brackets: `[a.b][c]`. */
function claimPath(header: string): string[] {
  const rest = header.slice(prefix.length);
  if (rest.startsWith("[")) return rest.slice(1, -1).split("][");
  return rest.slice(1).split(".");
}

function textOrList(match: StringMatch): ValueMatcher {
  const text = { stringMatch: buildStringMatcher(match) };
  return { orMatch: { valueMatchers: [text, { listMatch: { oneOf: text } }] } };
}
