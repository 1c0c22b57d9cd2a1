import { Cluster } from "../../../generated/envoy/config/cluster/v3/cluster.ts";
import { ClusterLoadAssignment } from "../../../generated/envoy/config/endpoint/v3/endpoint.ts";
import { Listener } from "../../../generated/envoy/config/listener/v3/listener.ts";
import { RouteConfiguration } from "../../../generated/envoy/config/route/v3/route.ts";
import { VirtualHost } from "../../../generated/envoy/config/route/v3/route_components.ts";
import { encodeResource, type ProxyResources, type Provenance, type Resource, type ResourceSet } from "../../envoy/index.ts";

type Layer = Exclude<Resource["type"], "sds">;

/** Content of a layer: by type, name to a text that stands for its content. */
export type Texts = Partial<Record<Layer, Readonly<Record<string, string>>>>;

const made = new Map<string, Resource>();

/** A small real resource whose bytes differ when the text does. The same object for the same arguments, as the builder memoizes. */
export function resource(type: Layer, name: string, text: string, provenance: readonly Provenance[] = []): Resource {
  const key = `${type} ${name} ${text} ${provenance.length}`;
  let hit = made.get(key);
  if (!hit) made.set(key, (hit = encode(type, name, text, provenance)));
  return hit;
}

function encode(type: Layer, name: string, text: string, provenance: readonly Provenance[]): Resource {
  switch (type) {
    case "cds":
      return encodeResource(type, name, Cluster, Cluster.fromPartial({ name, altStatName: text }), provenance);
    case "eds":
      return encodeResource(type, name, ClusterLoadAssignment, ClusterLoadAssignment.fromPartial({ clusterName: name, endpoints: [{ proximity: undefined, locality: { region: text } }] }), provenance);
    case "lds":
      return encodeResource(type, name, Listener, Listener.fromPartial({ name, statPrefix: text }), provenance);
    case "rds":
      return encodeResource(type, name, RouteConfiguration, RouteConfiguration.fromPartial({ name, internalOnlyHeaders: [text] }), provenance);
    case "vhds":
      return encodeResource(type, name, VirtualHost, VirtualHost.fromPartial({ name, domains: [text] }), provenance);
  }
}

const layers = ["cds", "eds", "lds", "rds", "vhds"] as const;

export function resourceSet(texts: Texts): ResourceSet {
  const map = (type: Layer) =>
    new Map(Object.entries(texts[type] ?? {}).map(([name, text]) => [name, resource(type, name, text)]));
  return { cds: map("cds"), eds: map("eds"), lds: map("lds"), rds: map("rds"), vhds: map("vhds") };
}

/** The layers of a proxy. Maps that equal those of `before` are the same objects, as the builder sees to. */
export function proxyResources(shared: Texts, own: Texts = {}, before?: ProxyResources): ProxyResources {
  const next = { shared: resourceSet(shared), own: resourceSet(own) };
  if (!before) return next;
  const keep = (a: ResourceSet, b: ResourceSet): ResourceSet =>
    Object.fromEntries(layers.map((type) => [type, same(a[type], b[type]) ? a[type] : b[type]])) as unknown as ResourceSet;
  return { shared: keep(before.shared, next.shared), own: keep(before.own, next.own) };
}

function same(a: ReadonlyMap<string, Resource>, b: ReadonlyMap<string, Resource>): boolean {
  return a.size === b.size && [...a].every(([name, { version }]) => b.get(name)?.version === version);
}
