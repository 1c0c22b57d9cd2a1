import { memo, memo2, memoNamed, patchMap, replacements } from "../lib/index.ts";
import type { HttpRoute, MeshObject } from "../model/index.ts";
import { delegatedRule } from "./delegate.ts";
import { gatewayNames } from "./gateway/name.ts";
import { exportToFor, isVisible, visibilityFor, type Visibility } from "./export.ts";
import { resolveShortName } from "./host.ts";
import { ofKind, type ObjectIndex } from "./objects.ts";
import { derive, keepContent, keepList, type Derived } from "./sharing.ts";
import type { MeshSettings, ScopedRule } from "./types.ts";

type RuleObject = MeshObject<"VirtualService">;

/** A VirtualService of the mesh with all its hosts and destinations as FQDNs. */
export interface ResolvedVirtualService {
  readonly object: RuleObject;
  readonly namespace: string;
  readonly gateways: readonly string[]; // `mesh` or namespace/name; empty: mesh
  readonly hosts: readonly string[];
  readonly exportTo: readonly string[];
  readonly http: readonly ScopedRule<"http">[];
  readonly tls: readonly ScopedRule<"tls">[];
  readonly tcp: readonly ScopedRule<"tcp">[];
}

/** The VirtualServices for sidecars, in order of precedence; the same object while none changes. */
export interface VirtualServiceIndex {
  readonly inputs: readonly [settings: MeshSettings, objects: readonly RuleObject[]];
  readonly entries: ReadonlyMap<string, Derived<ResolvedVirtualService>>; // by namespace/name
  readonly all: readonly ResolvedVirtualService[];
}

/** https://istio.io/latest/docs/reference/config/networking/virtual-service/ */
export function buildVirtualServices(
  objects: ObjectIndex,
  settings: MeshSettings,
  previous?: VirtualServiceIndex,
): VirtualServiceIndex {
  const inputs = [settings, ofKind(objects, "VirtualService")] as const;
  if (previous?.inputs[0] === settings && previous.inputs[1] === inputs[1]) return previous;
  const patched = previous?.inputs[0] === settings ? withReplaced(previous, inputs) : undefined;
  if (patched) return patched;
  const byKey = new Map(inputs[1].map((object) => [keyFor(object), object]));
  const entries = new Map<string, Derived<ResolvedVirtualService>>();
  for (const [key, object] of byKey) {
    if (isDelegate(object)) continue;
    const delegates = delegateKeys(object).map((name) => byKey.get(name));
    entries.set(key, entryFor(settings, object, delegates, previous?.entries.get(key)));
  }
  const applied = [...entries.values()].map((entry) => entry.value);
  return { inputs, entries, all: keepList(previous?.all, applied) };
}

/** As before but for objects that have nothing to do with delegation; undefined where there is more to do. */
function withReplaced(
  previous: VirtualServiceIndex,
  inputs: VirtualServiceIndex["inputs"],
): VirtualServiceIndex | undefined {
  const [settings, objects] = inputs;
  const changes = replacements(previous.inputs[1], objects);
  const isAlone = (object: RuleObject): boolean => !isDelegate(object) && delegateKeys(object).length === 0;
  const isPatch = changes?.every(({ old, item }) => keyFor(old) === keyFor(item) && isAlone(old) && isAlone(item));
  if (!changes || !isPatch) return undefined;
  const entries = new Map<string, Derived<ResolvedVirtualService>>();
  const renewed = new Map<ResolvedVirtualService, ResolvedVirtualService>();
  for (const { item } of changes) {
    const before = previous.entries.get(keyFor(item));
    const entry = entryFor(settings, item, [], before);
    entries.set(keyFor(item), entry);
    if (before) renewed.set(before.value, entry.value);
  }
  const all = keepList(
    previous.all,
    previous.all.map((resolved) => renewed.get(resolved) ?? resolved),
  );
  return { inputs, entries: patchMap(previous.entries, entries), all };
}

function entryFor(
  settings: MeshSettings,
  object: RuleObject,
  delegates: readonly (RuleObject | undefined)[],
  previous: Derived<ResolvedVirtualService> | undefined,
): Derived<ResolvedVirtualService> {
  const build = (old?: ResolvedVirtualService) => keepParts(old, resolve(settings, object, delegates));
  return derive(previous, [settings, object, ...delegates], build);
}

function keyFor({ metadata }: RuleObject): string {
  return keyOf(metadata.namespace, metadata.name);
}

export function keyOf(namespace: string, name: string): string {
  return `${namespace}/${name}`;
}

/** A VirtualService without hosts applies only through another one. */
export const isDelegate = memo((object: RuleObject): boolean => !object.spec.hosts?.length);

/** The delegates that a VirtualService names, as namespace/name, one for each of its http rules that delegates. */
export const delegateKeys = memo((object: RuleObject): readonly string[] =>
  (object.spec.http ?? []).flatMap(({ delegate }) => delegateKey(object, delegate) ?? []),
);

export function delegateKey(object: RuleObject, delegate: HttpRoute["delegate"]): string | undefined {
  return delegate?.name ? keyOf(delegate.namespace ?? object.metadata.namespace, delegate.name) : undefined;
}

/** An edit of one rule leaves the others the same objects. */
function keepParts(old: ResolvedVirtualService | undefined, next: ResolvedVirtualService): ResolvedVirtualService {
  if (!old) return Object.freeze(next);
  const keep = <P extends "http" | "tls" | "tcp">(before: readonly ScopedRule<P>[], now: readonly ScopedRule<P>[]) =>
    keepList(
      before,
      now.map((rule, i) => keepContent(before[i], rule)),
    );
  const [http, tls, tcp] = [keep(old.http, next.http), keep(old.tls, next.tls), keep(old.tcp, next.tcp)];
  return keepContent(old, { ...next, http, tls, tcp }, "object");
}

function resolve(
  settings: MeshSettings,
  object: RuleObject,
  delegates: readonly (RuleObject | undefined)[],
): ResolvedVirtualService {
  const { namespace } = object.metadata;
  const { spec } = object;
  const fqdn = (host: string) => resolveShortName(host, namespace, settings.domain);
  return {
    object,
    namespace,
    gateways: gatewayNames(spec.gateways, namespace),
    hosts: Object.freeze([...new Set((spec.hosts ?? []).map(fqdn))]),
    exportTo: exportToFor(spec.exportTo, settings.config.defaultVirtualServiceExportTo),
    http: httpRules(settings, object, delegates),
    tls: (spec.tls ?? []).map((rule, index) => Object.freeze({ index, rule: resolveL4(rule, fqdn, namespace) })),
    tcp: (spec.tcp ?? []).map((rule, index) => Object.freeze({ index, rule: resolveL4(rule, fqdn, namespace) })),
  };
}

/** The http rules with what they delegate put in their place, under the index of the rule that delegates. */
function httpRules(
  settings: MeshSettings,
  object: RuleObject,
  delegates: readonly (RuleObject | undefined)[],
): readonly ScopedRule<"http">[] {
  const rules: ScopedRule<"http">[] = [];
  let next = 0;
  for (const [index, root] of ownHttpRules(settings, object).entries()) {
    if (!root.delegate?.name) {
      rules.push(Object.freeze({ index, rule: root }));
      continue;
    }
    const delegate = delegates[next++];
    if (!delegate || !mayDelegate(settings, object, delegate)) continue;
    for (const own of ownHttpRules(settings, delegate)) {
      const rule = own.delegate ? undefined : delegatedRule(root, own); // one level only
      if (rule) rules.push(Object.freeze({ index, rule }));
    }
  }
  return rules;
}

/** A delegate has no hosts of its own, and is visible to the namespace that delegates to it. */
export function mayDelegate(settings: MeshSettings, root: RuleObject, delegate: RuleObject): boolean {
  const exportTo = exportToFor(delegate.spec.exportTo, settings.config.defaultVirtualServiceExportTo);
  return isDelegate(delegate) && isVisible(exportTo, delegate.metadata.namespace, root.metadata.namespace);
}

/** The rules as one object has them, with the names that its namespace gives its destinations. */
export const ownHttpRules = memo2((settings: MeshSettings, object: RuleObject): readonly HttpRoute[] => {
  const fqdn = (host: string) => resolveShortName(host, object.metadata.namespace, settings.domain);
  return (object.spec.http ?? []).map((rule) => resolveMatches(resolveHttp(rule, fqdn), object.metadata.namespace));
});

type Fqdn = (host: string) => string;
interface Destination {
  readonly host: string;
}

function resolveDestination<D extends Destination>(destination: D, fqdn: Fqdn): D {
  const host = fqdn(destination.host);
  return host === destination.host ? destination : Object.freeze({ ...destination, host });
}

/** Items whose destination needs no change stay the same objects, and so do lists. */
function resolveAll<R extends { readonly destination: Destination }>(routes: readonly R[], fqdn: Fqdn): readonly R[] {
  return keepList(
    routes,
    routes.map((route) => {
      const destination = resolveDestination(route.destination, fqdn);
      return destination === route.destination ? route : Object.freeze({ ...route, destination });
    }),
  );
}

function resolveRoute<R extends { readonly route?: readonly { readonly destination: Destination }[] }>(
  rule: R,
  fqdn: Fqdn,
): R {
  if (!rule.route) return rule;
  const route = resolveAll(rule.route, fqdn);
  return route === rule.route ? rule : Object.freeze({ ...rule, route });
}

function resolveHttp(rule: HttpRoute, fqdn: Fqdn): HttpRoute {
  const routed = resolveRoute(rule, fqdn);
  const mirror = rule.mirror && resolveDestination(rule.mirror, fqdn);
  const mirrors = rule.mirrors && resolveAll(rule.mirrors, fqdn);
  if (mirror === rule.mirror && mirrors === rule.mirrors) return routed;
  return Object.freeze({ ...routed, ...(mirror && { mirror }), ...(mirrors && { mirrors }) });
}

function resolveL4<R extends Parameters<typeof resolveRoute>[0] & MatchedByGateway>(
  rule: R,
  fqdn: Fqdn,
  namespace: string,
): R {
  return resolveMatches(resolveRoute(rule, fqdn), namespace);
}

interface MatchedByGateway {
  readonly match?: readonly { readonly gateways?: readonly string[] }[];
}

/** The rule with its matches' gateways as `namespace/name`; the rule itself where no match names any. */
function resolveMatches<R extends MatchedByGateway>(rule: R, namespace: string): R {
  if (!rule.match?.some(({ gateways }) => gateways?.length)) return rule;
  const match = rule.match.map((one) =>
    one.gateways ? Object.freeze({ ...one, gateways: gatewayNames(one.gateways, namespace) }) : one,
  );
  return Object.freeze({ ...rule, match: Object.freeze(match) });
}

/**
 * What a namespace sees, in Istio's order: private to it, exported to it by name, public; within each, oldest first
 * (SelectVirtualServices in pilot/pkg/model/virtualservice.go).
 */
export const visibleVirtualServices = memoNamed(
  (all: readonly ResolvedVirtualService[], namespace: string): readonly ResolvedVirtualService[] => {
    if (isAllPublic(all)) return all; // the usual: then what is made of the list is made once for all namespaces
    const seen: Record<Visibility, ResolvedVirtualService[]> = { private: [], exported: [], public: [], hidden: [] };
    for (const rule of all) seen[visibilityFor(rule.exportTo, rule.namespace, namespace)].push(rule);
    return Object.freeze([...seen.private, ...seen.exported, ...seen.public]);
  },
);

const isAllPublic = memo((all: readonly ResolvedVirtualService[]): boolean =>
  all.every(({ exportTo }) => exportTo.includes("*")),
);
