import { codes } from "../codes.ts";
import { checkHeaderName, isClaim } from "../headers.ts";
import { checkLabels, checkPort, isLabel, show } from "../names.ts";
import { checkRegex } from "../regex.ts";
import { eachEntry, type Place } from "../report.ts";
import type { HttpMatch } from "../types.ts";
import { checkGatewayNames } from "./gateway-names.ts";

type StringMatch = NonNullable<HttpMatch["uri"]>;

/** What a match may be: an empty one means "is present", where there is something that can be. */
export interface StringMatchRules {
  readonly empty?: boolean;
  readonly regex?: boolean;
}

/** Exactly one of exact, prefix and regex (the schema has refused several). */
export function checkStringMatch(match: StringMatch | undefined, place: Place, rules: StringMatchRules = {}): void {
  if (!match) return;
  const { exact, prefix, regex } = match;
  if (exact === undefined && prefix === undefined && regex === undefined) {
    if (!rules.empty) place.error(codes.incomplete, "needs one of exact, prefix, regex");
    return;
  }
  if (prefix === "") place.at("prefix").error(codes.incomplete, "must not be empty");
  if (regex === undefined) return;
  if (rules.regex === false) place.at("regex").error(codes.conflict, "regex cannot be used where routes are delegated");
  checkRegex(regex, place.at("regex"));
}

/** https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPMatchRequest */
export function checkHttpMatch(match: HttpMatch, place: Place, delegates: boolean): void {
  const rules = { regex: !delegates };
  for (const field of ["uri", "scheme", "method", "authority"] as const)
    checkStringMatch(match[field], place.at(field), rules);
  for (const field of ["headers", "withoutHeaders"] as const)
    eachEntry(match[field], place.at(field), (name, value, at) => {
      if (isClaim(name)) checkClaim(name, at);
      else checkHeaderName(name, at);
      checkStringMatch(value, at, { ...rules, empty: true });
    });
  eachEntry(match.queryParams, place.at("queryParams"), (name, value, at) => {
    if (name === "") at.error(codes.incomplete, "a query parameter needs a name");
    checkStringMatch(value, at, { ...rules, empty: true });
  });
  if (match.ignoreUriCase && match.uri?.regex !== undefined)
    place.at("ignoreUriCase").warn(codes.noEffect, "has no effect on a regex", "begin the regex with (?i)");
  checkTrafficSource(match, place);
  if (match.gateways?.length)
    for (const field of ["sourceLabels", "sourceNamespace"] as const)
      if (match[field] && Object.keys(match[field]).length > 0)
        place
          .at(field)
          .warn(
            codes.noEffect,
            "as on Istio, is not heeded beside gateways",
            "make a match of its own without gateways",
          );
}

/** `@request.auth.claims.a.b` or `@request.auth.claims[a][b]`. */
function checkClaim(name: string, place: Place): void {
  if (!/^@request\.auth\.claims(?:(?:\.[^.[\]]+)+|(?:\[[^[\]]+\])+)$/i.test(name))
    return place.error(codes.header, `"${show(name)}" is not a claim`, "write @request.auth.claims.name");
  place.warn(
    codes.unsupportedField,
    "no token is verified but by an EnvoyFilter with jwt_authn: RequestAuthentication is not supported yet",
  );
}

interface TrafficSource {
  readonly port?: number;
  readonly sourceLabels?: Readonly<Record<string, string>>;
  readonly sourceNamespace?: string;
  readonly gateways?: readonly string[];
}

/** The attributes that every kind of match has. */
export function checkTrafficSource(match: TrafficSource, place: Place): void {
  if (match.port !== 0) checkPort(match.port, place.at("port"));
  checkLabels(match.sourceLabels, place.at("sourceLabels"));
  checkGatewayNames(match.gateways, place.at("gateways"));
  const { sourceNamespace = "" } = match;
  if (sourceNamespace !== "" && !isLabel(sourceNamespace))
    place.at("sourceNamespace").error(codes.name, `"${show(sourceNamespace)}" is not a namespace`);
}
