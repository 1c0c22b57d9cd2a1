import type { HeaderMatcher, RouteMatch } from "../../../generated/envoy/config/route/v3/route_components.ts";
import {
  QueryParameterMatcher,
  RouteMatch as RouteMatchMessage,
} from "../../../generated/envoy/config/route/v3/route_components.ts";
import { byCodeUnit } from "../../lib/index.ts";
import type { HttpMatch } from "../../model/index.ts";
import { asksPresence, buildHeaderMatcher, buildStringMatcher, type StringMatch } from "../http/index.ts";
import { buildClaimMatch, namesClaim } from "./claim-match.ts";

type Matches = Readonly<Record<string, StringMatch>>;

/**
 * The conditions on a request; undefined matches every one. Source and gateways are judged in `mesh`, the port by the caller.
 * https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPMatchRequest
 */
export function buildMatch(match: HttpMatch | undefined): RouteMatch {
  if (!match) return RouteMatchMessage.fromPartial({ prefix: "/" });
  return RouteMatchMessage.fromPartial({
    ...buildPath(match.uri),
    ...(match.ignoreUriCase && !match.uri?.regex && { caseSensitive: false }),
    headers: [
      ...headers(match.headers).map(([name, value]) => buildHeaderMatcher(name, value)),
      ...headers(match.withoutHeaders).map(([name, value]) => buildWithoutHeader(name, value)),
      ...(match.method ? [buildHeaderMatcher(":method", match.method)] : []),
      ...(match.authority ? [buildHeaderMatcher(":authority", match.authority)] : []),
      ...(match.scheme ? [buildHeaderMatcher(":scheme", match.scheme)] : []),
    ],
    queryParameters: entries(match.queryParams).map(([name, value]) => buildQueryParameter(name, value)),
    dynamicMetadata: [
      ...claims(match.headers).map(([name, value]) => buildClaimMatch(name, value, false)),
      ...claims(match.withoutHeaders).map(([name, value]) => buildClaimMatch(name, value, true)),
    ],
  });
}

/** Whether no request gets past this: nothing after it can be reached. */
export function isCatchAll(match: RouteMatch): boolean {
  const everyPath = match.prefix === "/" || match.prefix === "" || match.safeRegex?.regex === ".*";
  return everyPath && match.headers.length + match.queryParameters.length + match.dynamicMetadata.length === 0;
}

function entries(matches: Matches | undefined): [string, StringMatch][] {
  return Object.entries(matches ?? {}).sort(([a], [b]) => byCodeUnit(a, b));
}

const headers = (matches: Matches | undefined) => entries(matches).filter(([name]) => !namesClaim(name));
const claims = (matches: Matches | undefined) => entries(matches).filter(([name]) => namesClaim(name));

/** A prefix is one of characters, not of path segments: `/foo` matches `/foobar`. */
function buildPath(uri: StringMatch | undefined): Pick<RouteMatch, "path" | "prefix" | "safeRegex"> {
  if (uri?.exact !== undefined) return { path: uri.exact };
  if (uri?.regex) return { safeRegex: { regex: uri.regex } };
  return { prefix: uri?.prefix ?? "/" };
}

/** A request without the header does not have the value, so it passes. */
function buildWithoutHeader(name: string, value: StringMatch): HeaderMatcher {
  return { ...buildHeaderMatcher(name, value), invertMatch: true, treatMissingHeaderAsEmpty: !asksPresence(value) };
}

function buildQueryParameter(name: string, value: StringMatch): QueryParameterMatcher {
  return QueryParameterMatcher.fromPartial(
    asksPresence(value) ? { name, presentMatch: true } : { name, stringMatch: buildStringMatcher(value) },
  );
}
