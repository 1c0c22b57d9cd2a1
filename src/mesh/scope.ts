import { memo, memoNamed } from "../lib/index.ts";
import { selectorKeys } from "./destination-rule.ts";
import { isVisible } from "./export.ts";
import type { Labels } from "./labels.ts";
import { fromPool, type Pool } from "./pool.ts";
import { servicesByHost } from "./registry.ts";
import { keepList, sameItems } from "./sharing.ts";
import { egressFor, type Egress, type SidecarObject } from "./sidecar.ts";
import type { Scope, ScopedVirtualService, Service, VisibleService } from "./types.ts";
import { scopedVirtualService, sourceLabelKeys } from "./virtual-service-scope.ts";
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
  const egress = sidecar && egressFor(sidecar, namespace);
  const rules = importedRules(source, namespace, egress);
  const labels = mentioned(client.labels, [
    ...ruleKeys(source, namespace),
    ...(egress ? rules.flatMap(sourceLabelKeys) : allSourceKeys(rules)),
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
  const applied = rules
    .map((rule) => scopedVirtualService(rule, client))
    .filter((rule): rule is ScopedVirtualService => rule !== undefined);
  const egress = sidecar && egressFor(sidecar, namespace);
  const chosen = egress
    ? importedServices(source.services, namespace, egress, applied)
    : namespaceServices(source.services, namespace);
  const known = listsIn(source.scopes);
  const services = shared(known.services, keepList(old?.services, visibleServices(source.sight, chosen, client)));
  const scope: Scope = {
    namespace,
    settings,
    services,
    byHostname: byHostname(services),
    virtualServices: shared(known.virtualServices, keepList(old?.virtualServices, applied)),
    ...(sidecar && { sidecar }),
    outboundTrafficPolicy: sidecar?.spec.outboundTrafficPolicy
      ? (sidecar.spec.outboundTrafficPolicy.mode ?? "REGISTRY_ONLY") // the API's zero value, once the field is there
      : settings.outboundTrafficPolicy,
  };
  return old && sameItems(Object.values(old), Object.values(scope)) ? old : Object.freeze(scope);
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
    new Map(services.map((visible) => [visible.service.hostname, visible])),
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

function importedRules(
  source: ScopeSource,
  namespace: string,
  egress: Egress | undefined,
): readonly ResolvedVirtualService[] {
  const visible = visibleVirtualServices(source.virtualServices, namespace);
  if (!egress) return visible;
  return visible.filter((rule) => rule.hosts.some((host) => egress.importsRule(rule.namespace, host)));
}

/** One service for each hostname that a namespace sees: its own, else by precedence. */
const namespaceServices = memoNamed((services: readonly Service[], namespace: string): readonly Service[] => {
  const chosen: Service[] = [];
  for (const candidates of servicesByHost(services).values()) {
    const service = choose(candidates, namespace, () => true);
    if (service) chosen.push(service);
  }
  return Object.freeze(chosen);
});

function choose(
  candidates: readonly Service[], // by precedence
  namespace: string,
  wanted: (service: Service) => boolean,
): Service | undefined {
  const usable = candidates.filter((s) => isVisible(s.exportTo, s.namespace, namespace) && wanted(s));
  return usable.find((service) => service.namespace === namespace) ?? usable[0];
}

/** What a Sidecar imports, and the destinations of the VirtualServices it imports, which could not be reached otherwise. */
function importedServices(
  services: readonly Service[],
  namespace: string,
  egress: Egress,
  rules: readonly ScopedVirtualService[],
): readonly Service[] {
  const needed = new Set(rules.flatMap(destinationHosts));
  const chosen: Service[] = [];
  for (const [host, candidates] of servicesByHost(services)) {
    const imported = choose(candidates, namespace, (service) => egress.imports(service.namespace, host));
    const service = imported ?? (needed.has(host) ? choose(candidates, namespace, () => true) : undefined);
    if (service) chosen.push(service);
  }
  return chosen;
}

const destinationHosts = memo((rule: ScopedVirtualService): readonly string[] => {
  const hosts = new Set<string>();
  for (const { rule: http } of rule.http) {
    if (http.mirror) hosts.add(http.mirror.host);
    for (const mirror of http.mirrors ?? []) hosts.add(mirror.destination.host);
  }
  for (const { rule: any } of [...rule.http, ...rule.tls, ...rule.tcp]) {
    for (const route of any.route ?? []) hosts.add(route.destination.host);
  }
  return [...hosts];
});
