import { memo2, memoNamed } from "../lib/index.ts";
import type { HttpRoute, MeshObject } from "../model/index.ts";
import { exportToFor, visibilityFor, type Visibility } from "./export.ts";
import { resolveShortName } from "./host.ts";
import { ofKind, type ObjectIndex } from "./objects.ts";
import { derive, keepContent, keepList, type Derived } from "./sharing.ts";
import type { MeshSettings, ScopedRule } from "./types.ts";

type RuleObject = MeshObject<"VirtualService">;

/** A VirtualService of the mesh with all its hosts and destinations as FQDNs. */
export interface ResolvedVirtualService {
  readonly object: RuleObject;
  readonly namespace: string;
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
  const entries = new Map<string, Derived<ResolvedVirtualService>>();
  for (const object of inputs[1]) {
    const key = `${object.metadata.namespace}/${object.metadata.name}`;
    const build = (old?: ResolvedVirtualService) => keepParts(old, resolved(settings, object));
    entries.set(key, derive(previous?.entries.get(key), [settings, object], build));
  }
  const applied = [...entries.values()].map((entry) => entry.value).filter(isForSidecars);
  return { inputs, entries, all: keepList(previous?.all, applied) };
}

/** A VirtualService without hosts is a delegate: it applies only through another one. */
function isForSidecars(rule: ResolvedVirtualService): boolean {
  return rule.hosts.length > 0;
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

const resolved = memo2((settings: MeshSettings, object: RuleObject): ResolvedVirtualService => {
  const { namespace } = object.metadata;
  const { spec } = object;
  const fqdn = (host: string) => resolveShortName(host, namespace, settings.domain);
  return {
    object,
    namespace,
    hosts: Object.freeze([...new Set((spec.hosts ?? []).map(fqdn))]),
    exportTo: exportToFor(spec.exportTo, settings.config.defaultVirtualServiceExportTo),
    http: (spec.http ?? []).map((rule, index) => Object.freeze({ index, rule: resolveHttp(rule, fqdn) })),
    tls: (spec.tls ?? []).map((rule, index) => Object.freeze({ index, rule: resolveRoute(rule, fqdn) })),
    tcp: (spec.tcp ?? []).map((rule, index) => Object.freeze({ index, rule: resolveRoute(rule, fqdn) })),
  };
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

/**
 * What a namespace sees, in Istio's order: private to it, exported to it by name, public; within each, oldest first
 * (SelectVirtualServices in pilot/pkg/model/virtualservice.go).
 */
export const visibleVirtualServices = memoNamed(
  (all: readonly ResolvedVirtualService[], namespace: string): readonly ResolvedVirtualService[] => {
    const seen: Record<Visibility, ResolvedVirtualService[]> = { private: [], exported: [], public: [], hidden: [] };
    for (const rule of all) seen[visibilityFor(rule.exportTo, rule.namespace, namespace)].push(rule);
    return Object.freeze([...seen.private, ...seen.exported, ...seen.public]);
  },
);
