import { codes } from "../codes.ts";
import type { Place } from "../report.ts";
import type { HttpMatch, HttpRoute, VirtualServiceSpec } from "../types.ts";

/** Comparing each prefix with each is quadratic: enough for any file that a person wrote. */
const maxCompared = 300;

interface Rule {
  readonly name?: string;
  readonly match?: readonly object[];
}

/**
 * Warns of rules that can never be used, as Istio's validation does: a rule after one without a match, a match that stands twice,
 * a prefix after a shorter one. https://istio.io/latest/docs/reference/config/analysis/ist0130/
 */
export function warnUnreachable(spec: VirtualServiceSpec, place: Place): void {
  warnUnused(spec.http ?? [], place.at("http"));
  warnUnused(spec.tls ?? [], place.at("tls"));
  warnUnused(spec.tcp ?? [], place.at("tcp"));
  warnCovered(spec.http ?? [], place.at("http"));
}

function warnUnused(rules: readonly Rule[], place: Place): void {
  const seen = new Map<string, number>();
  let catchAll: number | undefined;
  rules.forEach(({ match = [] }, index) => {
    if (match.length === 0) {
      if (catchAll !== undefined)
        place
          .at(index)
          .warn(
            codes.unreachableRule,
            `is never used: rule ${catchAll} matches everything`,
            "only the last rule can have no match",
          );
      catchAll ??= index;
      return;
    }
    let repeated = 0;
    match.forEach((attributes, at) => {
      const key = JSON.stringify({ ...attributes, name: undefined });
      const before = seen.get(key);
      if (before === undefined) return void seen.set(key, index);
      repeated++;
      place.at(index, "match", at).warn(codes.ineffectiveMatch, `is never used: rule ${before} has the same match`);
    });
    if (repeated === match.length)
      place.at(index).warn(codes.unreachableRule, "is never used: earlier rules have all its matches");
  });
}

interface PrefixMatch {
  readonly prefix: string;
  readonly match: HttpMatch;
  readonly rule: number;
  readonly index: number;
}

function warnCovered(rules: readonly HttpRoute[], place: Place): void {
  const matches: PrefixMatch[] = rules.flatMap((route, rule) =>
    (route.match ?? []).flatMap((match, index) =>
      match.uri?.prefix ? [{ prefix: match.uri.prefix, match, rule, index }] : [],
    ),
  );
  if (matches.length > maxCompared) return;
  matches.forEach((later, position) => {
    const earlier = matches.slice(0, position).find((candidate) => covers(candidate, later));
    if (earlier)
      place
        .at(later.rule, "match", later.index)
        .warn(
          codes.ineffectiveMatch,
          `is never used: the prefix ${earlier.prefix} of rule ${earlier.rule} comes first`,
        );
  });
}

/** True when everything that `later` matches has been taken: it asks for a longer prefix and is otherwise the same. */
function covers(earlier: PrefixMatch, later: PrefixMatch): boolean {
  if (earlier.prefix === later.prefix || !later.prefix.startsWith(earlier.prefix)) return false;
  return conditionsOf(earlier.match) === conditionsOf(later.match);
}

function conditionsOf(match: HttpMatch): string {
  const { uri: _uri, name: _name, statPrefix: _stat, ...rest } = match;
  return JSON.stringify(Object.entries(rest).sort(([a], [b]) => (a < b ? -1 : 1)));
}
