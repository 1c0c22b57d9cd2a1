import type { HttpMatch, HttpRoute } from "../model/index.ts";

/**
 * A rule of a delegate as it applies through the rule that delegates to it; undefined when no request can match both.
 * The delegate's own fields win, the root's fill the gaps: https://istio.io/latest/docs/reference/config/networking/virtual-service/#Delegate
 */
export function delegatedRule(root: HttpRoute, delegate: HttpRoute): HttpRoute | undefined {
  const match = mergeMatches(root.match ?? [], delegate.match ?? []);
  if (!match) return undefined;
  const { delegate: _, match: __, route: ___, name: rootName, ...inherited } = root;
  const name = [rootName, delegate.name].filter(Boolean).join("-");
  return Object.freeze({
    ...inherited,
    ...delegate,
    ...(name && { name }),
    ...(match.length > 0 && { match: Object.freeze(match) }),
  });
}

/** Each match of the delegate within each of the root that it does not contradict; undefined when one finds none. */
function mergeMatches(root: readonly HttpMatch[], delegate: readonly HttpMatch[]): readonly HttpMatch[] | undefined {
  if (root.length === 0) return delegate;
  if (delegate.length === 0) return root;
  const merged: HttpMatch[] = [];
  for (const own of delegate) {
    const wider = root.filter((match) => !isConflict(match, own));
    if (wider.length === 0) return undefined;
    merged.push(...wider.map((match) => mergeMatch(match, own)));
  }
  return merged;
}

function mergeMatch(root: HttpMatch, own: HttpMatch): HttpMatch {
  const name = [root.name, own.name].filter(Boolean).join("-");
  const both = {
    headers: { ...root.headers, ...own.headers },
    withoutHeaders: { ...root.withoutHeaders, ...own.withoutHeaders },
    queryParams: { ...root.queryParams, ...own.queryParams },
    sourceLabels: { ...root.sourceLabels, ...own.sourceLabels },
  };
  const present = Object.fromEntries(Object.entries(both).filter(([, map]) => Object.keys(map).length > 0));
  return Object.freeze({ ...root, ...own, ...present, ...(name && { name }) });
}

interface StringMatch {
  readonly exact?: string;
  readonly prefix?: string;
  readonly regex?: string;
}

type StringMatches = Readonly<Record<string, StringMatch>>;

/** Whether a delegate's match reaches beyond the root's, or rules it out. */
function isConflict(root: HttpMatch, own: HttpMatch): boolean {
  return (
    contradicts(root.uri, own.uri) ||
    contradicts(root.scheme, own.scheme) ||
    contradicts(root.method, own.method) ||
    contradicts(root.authority, own.authority) ||
    anyContradicts(root.headers, own.headers) ||
    anyContradicts(root.withoutHeaders, own.withoutHeaders) ||
    anyContradicts(root.queryParams, own.queryParams) ||
    (root.ignoreUriCase ?? false) !== (own.ignoreUriCase ?? false) ||
    isSourceConflict(root, own)
  );
}

function isSourceConflict(root: HttpMatch, own: HttpMatch): boolean {
  if (root.port && own.port && root.port !== own.port) return true;
  if (root.sourceNamespace && own.sourceNamespace && root.sourceNamespace !== own.sourceNamespace) return true;
  const labels = root.sourceLabels ?? {};
  if (
    Object.entries(own.sourceLabels ?? {}).some(([key, value]) => Object.hasOwn(labels, key) && labels[key] !== value)
  ) {
    return true;
  }
  const { gateways = [] } = root;
  return gateways.length > 0 && (own.gateways ?? []).some((gateway) => !gateways.includes(gateway));
}

function anyContradicts(root: StringMatches = {}, own: StringMatches = {}): boolean {
  return Object.keys(own).some((key) => Object.hasOwn(root, key) && contradicts(root[key], own[key]));
}

/** Whether `own` is not within `root`; of a regular expression nobody can tell, so it counts as being outside. */
function contradicts(root: StringMatch | undefined, own: StringMatch | undefined): boolean {
  if (!root || !own) return false;
  if (root.regex || own.regex) return true;
  if (root.exact) return own.exact !== root.exact;
  const text = own.exact ?? own.prefix;
  return !root.prefix || text === undefined || !text.startsWith(root.prefix);
}
