import { byCodeUnit, memo, memoNamed } from "../lib/index.ts";
import { selectorKeys } from "./destination-rule.ts";
import { egressParts, unionOf, type PartContent } from "./egress-parts.ts";
import { egressProxyOf } from "./egress-proxy.ts";
import { choose, importedServices, neededServices } from "./imports.ts";
import type { Labels } from "./labels.ts";
import { fromPool, type Pool } from "./pool.ts";
import { servicesByHost } from "./registry.ts";
import { keepContent, keepList, sameItems } from "./sharing.ts";
import { egressOf, importsOf, type Egress, type SidecarObject } from "./sidecar.ts";
import type { EgressPart, MeshSettings, Scope, ScopedVirtualService, Service, VisibleService } from "./types.ts";
import { scopedVirtualServices, sourceLabelKeys } from "./virtual-service-scope.ts";
import { visibleVirtualServices, type ResolvedVirtualService } from "./virtual-service.ts";
import { visibleServices, type Sight } from "./visible-service.ts";

/** What scopes are made of: the same object over the snapshots in which none of it changes. */
export interface ScopeSource {
  readonly sight: Sight;
  readonly services: readonly Service[];
  readonly virtualServices: readonly ResolvedVirtualService[];
  readonly sidecars: readonly SidecarObject[]; // in order of precedence
  readonly scopes: Pool<Scope>;
}

/** Whom a scope is for. Of the labels, only those that the visible rules mention make a difference. */
export interface ScopeClient {
  readonly namespace: string;
  readonly labels: Labels;
  readonly sidecar: SidecarObject | undefined;
}

/** The one scope of all clients that see the same; the previous snapshot's where nothing of it has changed. */
export function scopeFor(source: ScopeSource, client: ScopeClient): Scope {
  const { namespace, sidecar } = client;
  const egresses = egressesOf(sidecar, namespace);
  const rules = importedRules(source, namespace, egresses);
  const labels = mentioned(client.labels, [
    ...ruleKeys(source, namespace),
    ...(egresses ? rules.flatMap(sourceLabelKeys) : allSourceKeys(rules)),
  ]);
  const key = JSON.stringify([namespace, sidecar?.metadata.namespace, sidecar?.metadata.name, labels]);
  return fromPool(source.scopes, key, (old) => buildScope(source, { namespace, sidecar, labels }, rules, old));
}

function buildScope(
  source: ScopeSource,
  client: ScopeClient,
  rules: readonly ResolvedVirtualService[],
  old: Scope | undefined,
): Scope {
  const { namespace, sidecar } = client;
  const { settings } = source.sight;
  const applied = scopedVirtualServices(rules, client);
  const see = (services: readonly Service[]) => visibleServices(source.sight, services, client);
  const parts = sidecar && egressParts({ services: source.services, see }, sidecar, namespace, applied);
  const known = listsIn(source.scopes);
  const seen = parts ? unionOf(parts) : see(chosenServices(source, client, applied));
  const services = shared(known.services, keepList(old?.services, seen));
  const proxy = egressProxyOf(sidecar, services, settings);
  const all: Scope = {
    namespace,
    settings,
    services,
    byHostname: byHostname(services),
    virtualServices: shared(known.virtualServices, keepList(old?.virtualServices, applied)),
    ...(sidecar && { sidecar }),
    outboundTrafficPolicy: proxy === "missing" ? "REGISTRY_ONLY" : policyOf(sidecar, settings),
    ...(proxy && proxy !== "missing" && { egressProxy: keepContent(old?.egressProxy, proxy) }),
  };
  const scope: Scope = parts ? { ...all, egress: keepParts(old?.egress, all, parts) } : all;
  return keepScope(old, scope);
}

function keepScope(old: Scope | undefined, scope: Scope): Scope {
  const [before, now] = [Object.entries(old ?? {}).flat(), Object.entries(scope).flat()];
  return old && sameItems(before, now) ? old : Object.freeze(scope);
}

function policyOf(sidecar: SidecarObject | undefined, settings: MeshSettings): Scope["outboundTrafficPolicy"] {
  const policy = sidecar?.spec.outboundTrafficPolicy;
  return policy ? (policy.mode ?? "REGISTRY_ONLY") : settings.outboundTrafficPolicy; // the API's zero value, once the field is there
}

/** The parts of a Sidecar's own listeners, each the same object as before where nothing of it has changed. */
function keepParts(old: Scope["egress"], all: Scope, parts: readonly PartContent[]): readonly EgressPart[] {
  const next = parts.map(({ listener, services, virtualServices }, i): EgressPart => {
    const before = old?.[i]?.listener === listener ? old[i] : undefined;
    const own = keepList(before?.scope.services, services);
    const scope = keepScope(before?.scope, {
      ...all,
      services: own,
      byHostname: byHostname(own),
      virtualServices: keepList(before?.scope.virtualServices, virtualServices),
      destinations: all.byHostname,
    });
    return before?.scope === scope ? before : Object.freeze({ listener, scope });
  });
  return keepList(old, next);
}

/** What a client without listeners of its own can ask for, and the destinations of its rules. */
function chosenServices(
  { services }: ScopeSource,
  { namespace, sidecar }: ScopeClient,
  applied: readonly ScopedVirtualService[],
): readonly Service[] {
  const [spec] = (sidecar && egressOf(sidecar)) ?? [];
  if (!spec) return namespaceServices(services, namespace);
  const imported = importedServices(services, namespace, importsOf(spec, namespace));
  const needed = neededServices(services, namespace, applied, imported);
  if (needed.length === 0) return imported;
  return [...imported, ...needed].sort((a, b) => byCodeUnit(a.hostname, b.hostname));
}

/** Most namespaces see the same. Their scopes hold the same lists, so that what is made of a list is made once for all of them. */
const listsIn = memo((_scopes: Pool<Scope>) => ({
  services: [] as (readonly VisibleService[])[],
  virtualServices: [] as (readonly ScopedVirtualService[])[],
}));

/** The list of another scope that holds the same items, else this one. */
function shared<T>(known: (readonly T[])[], list: readonly T[]): readonly T[] {
  const same = known.find((other) => sameItems(other, list));
  if (!same) known.push(list);
  return same ?? list;
}

const byHostname = memo(
  (services: readonly VisibleService[]): ReadonlyMap<string, VisibleService> =>
    new Map([
      ...services.flatMap((one) => (one.service.aliases ?? []).map(({ hostname }) => [hostname, one] as const)),
      ...services.map((visible) => [visible.service.hostname, visible] as const), // a service goes before another name
    ]),
);

/** The labels with these keys, in order of key. */
function mentioned(labels: Labels, keys: readonly string[]): Labels {
  const present = [...new Set(keys)].filter((key) => Object.hasOwn(labels, key)).sort();
  return Object.fromEntries(present.map((key) => [key, labels[key] ?? ""]));
}

function ruleKeys(source: ScopeSource, namespace: string): readonly string[] {
  const rules = source.sight.rules.byNamespace.get(namespace)?.value;
  return rules ? selectorKeys(rules) : [];
}

const allSourceKeys = memo((rules: readonly ResolvedVirtualService[]): readonly string[] =>
  Object.freeze([...new Set(rules.flatMap(sourceLabelKeys))]),
);

/** One for each egress listener; undefined where all is seen. */
function egressesOf(sidecar: SidecarObject | undefined, namespace: string): readonly Egress[] | undefined {
  return sidecar && egressOf(sidecar)?.map((spec) => importsOf(spec, namespace));
}

function importedRules(
  source: ScopeSource,
  namespace: string,
  egresses: readonly Egress[] | undefined,
): readonly ResolvedVirtualService[] {
  const visible = visibleVirtualServices(source.virtualServices, namespace);
  if (!egresses) return visible;
  return visible.filter((rule) =>
    rule.hosts.some((host) => egresses.some((egress) => egress.importsRule(rule.namespace, host))),
  );
}

/** One service for each hostname that a namespace sees: its own, else by precedence. */
const namespaceServices = memoNamed((services: readonly Service[], namespace: string): readonly Service[] => {
  const chosen: Service[] = [];
  for (const candidates of servicesByHost(services).values()) {
    const service = choose(candidates, namespace);
    if (service) chosen.push(service);
  }
  return Object.freeze(chosen);
});
