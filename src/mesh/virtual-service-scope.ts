import { memo } from "../lib/index.ts";
import { noLabels, selects, type Labels } from "./labels.ts";
import { sameItems } from "./sharing.ts";
import type { ScopedVirtualService } from "./types.ts";
import type { ResolvedVirtualService } from "./virtual-service.ts";

/** Who asks: all that rules may tell sources apart by. */
export interface RouteClient {
  readonly namespace: string;
  readonly labels: Labels;
  /** A gateway asks, as `namespace/name`; else the sidecars of the mesh do. */
  readonly gateway?: string;
}

/** What a match may say about its source; the control plane evaluates it, Envoy never sees it. */
interface SourceMatch {
  readonly gateways?: readonly string[];
  readonly sourceLabels?: Labels;
  readonly sourceNamespace?: string;
}

/** What rules of all protocols have in common. */
interface MatchedRule {
  readonly index: number;
  readonly rule: { readonly match?: readonly SourceMatch[] };
}

/** The part of a VirtualService that applies to a client, if any; clients with the same part get the same object. */
export function scopedVirtualService(
  resolved: ResolvedVirtualService,
  client: RouteClient,
): ScopedVirtualService | undefined {
  return readsSource(resolved) || client.gateway ? partFor(resolved, client) : partForAll(resolved);
}

/** The parts of several VirtualServices that apply to sidecars: the same list for all clients where none of them says anything of the source. */
export function scopedVirtualServices(
  all: readonly ResolvedVirtualService[],
  client: RouteClient,
): readonly ScopedVirtualService[] {
  return partsForAll(all) ?? all.flatMap((resolved) => scopedVirtualService(resolved, client) ?? []);
}

const partsForAll = memo((all: readonly ResolvedVirtualService[]): readonly ScopedVirtualService[] | undefined =>
  all.some(readsSource) ? undefined : Object.freeze(all.flatMap((resolved) => partForAll(resolved) ?? [])),
);

/** Most VirtualServices say nothing of the source: then all clients have the same part, and nothing is looked at again. */
const partForAll = memo((resolved: ResolvedVirtualService) => partFor(resolved, { namespace: "", labels: noLabels }));

const readsSource = memo((resolved: ResolvedVirtualService): boolean =>
  matchesOf(resolved).some((match) => match.sourceNamespace || match.sourceLabels),
);

function matchesOf({ http, tls, tcp }: ResolvedVirtualService): readonly SourceMatch[] {
  return [...http, ...tls, ...tcp].flatMap(({ rule }): readonly SourceMatch[] => rule.match ?? []);
}

function partFor(resolved: ResolvedVirtualService, client: RouteClient): ScopedVirtualService | undefined {
  const { object, hosts, gateways } = resolved;
  const http = scopedRules(resolved.http, gateways, client, appliesHttp);
  const tls = scopedRules(resolved.tls, gateways, client);
  const tcp = scopedRules(resolved.tcp, gateways, client);
  if (http.length + tls.length + tcp.length === 0) return undefined;
  const known = variants(resolved);
  const same = known.find((v) => sameItems(v.http, http) && sameItems(v.tls, tls) && sameItems(v.tcp, tcp));
  if (same) return same;
  const [frozenHttp, frozenTls, frozenTcp] = [Object.freeze(http), Object.freeze(tls), Object.freeze(tcp)];
  const scoped = Object.freeze({ object, hosts, http: frozenHttp, tls: frozenTls, tcp: frozenTcp });
  known.push(scoped);
  return scoped;
}

/** The label keys that any match of the VirtualService reads. */
export const sourceLabelKeys = memo((resolved: ResolvedVirtualService): readonly string[] =>
  Object.freeze([...new Set(matchesOf(resolved).flatMap((match) => Object.keys(match.sourceLabels ?? {})))]),
);

const variants = memo((_resolved: ResolvedVirtualService): ScopedVirtualService[] => []);

function scopedRules<R extends MatchedRule>(
  rules: readonly R[],
  gateways: readonly string[],
  client: RouteClient,
  judge: typeof applies = applies,
): readonly R[] {
  return rules.flatMap((rule) => {
    const matches = rule.rule.match ?? [];
    if (matches.length === 0) return isFor(gateways, client.gateway) ? rule : [];
    const kept = matches.filter((match) => judge(match, gateways, client));
    return kept.length === 0 ? [] : withMatches(rule, kept.map(withoutSource));
  });
}

/** Whether gateways, as written, name the sidecars of the mesh. */
export function isForMesh(gateways: readonly string[]): boolean {
  return gateways.length === 0 || gateways.includes("mesh");
}

function isFor(gateways: readonly string[], gateway: string | undefined): boolean {
  return gateway === undefined ? isForMesh(gateways) : gateways.includes(gateway);
}

function applies(match: SourceMatch, gateways: readonly string[], client: RouteClient): boolean {
  if (!isFor(match.gateways?.length ? match.gateways : gateways, client.gateway)) return false;
  if (match.sourceNamespace && match.sourceNamespace !== client.namespace) return false;
  return !match.sourceLabels || selects(match.sourceLabels, client.labels);
}

/**
 * Of HTTP, a match that names gateways is for all clients of theirs, whatever it says of labels and namespace, as on Istio (sourceMatchHTTP
 * in pilot/pkg/networking/core/route/route.go); HED214 tells so.
 */
function appliesHttp(match: SourceMatch, gateways: readonly string[], client: RouteClient): boolean {
  return applies(match.gateways?.length ? { gateways: match.gateways } : match, gateways, client);
}

const sourceFields: readonly string[] = ["gateways", "sourceLabels", "sourceNamespace"] satisfies (keyof SourceMatch)[];

/** What is left of a match once its source has been found to apply. */
const withoutSource = memo((match: SourceMatch): SourceMatch => {
  if (!sourceFields.some((field) => field in match)) return match;
  return Object.freeze(Object.fromEntries(Object.entries(match).filter(([field]) => !sourceFields.includes(field))));
});

const narrowed = memo((_rule: MatchedRule): MatchedRule[] => []);

/** The rule with these matches only; the same object for the same matches. */
function withMatches<R extends MatchedRule>(rule: R, matches: readonly SourceMatch[]): R {
  if (sameItems(rule.rule.match ?? [], matches)) return rule;
  const known = narrowed(rule) as R[]; // what follows is all that is ever put there
  const same = known.find((variant) => sameItems(variant.rule.match ?? [], matches));
  if (same) return same;
  const variant: R = Object.freeze({ ...rule, rule: Object.freeze({ ...rule.rule, match: Object.freeze(matches) }) });
  known.push(variant);
  return variant;
}
