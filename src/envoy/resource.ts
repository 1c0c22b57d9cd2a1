import { Any } from "../../generated/google/protobuf/any.ts";
import { contentHash, formatPosition } from "../lib/index.ts";
import { formatPath, type FieldPath, type MeshObject } from "../model/index.ts";

/** The xDS resource types we serve, by their short names, and their type URLs. */
export const typeUrls = {
  cds: "type.googleapis.com/envoy.config.cluster.v3.Cluster",
  eds: "type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment",
  lds: "type.googleapis.com/envoy.config.listener.v3.Listener",
  rds: "type.googleapis.com/envoy.config.route.v3.RouteConfiguration",
  vhds: "type.googleapis.com/envoy.config.route.v3.VirtualHost",
  sds: "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret",
} as const;

export type XdsType = keyof typeof typeUrls;

/** The object, and the field of it, that a resource came from: a NACK of the resource is laid at its door. */
export interface Provenance {
  readonly object: MeshObject;
  readonly field: FieldPath;
}

/** `VirtualService default/reviews spec.http[0] (mesh/reviews.yaml:12)` */
export function formatProvenance({ object, field }: Provenance): string {
  const at = object.origin.at(field);
  const path = field.length > 0 ? ` ${formatPath(field)}` : "";
  return `${object.kind} ${object.metadata.namespace}/${object.metadata.name}${path} (${formatPosition(at)})`;
}

/** One encoded resource, shared by every proxy that may see it. `bytes` is the encoded google.protobuf.Any; `version` its content hash. */
export interface Resource {
  readonly type: XdsType;
  readonly name: string;
  readonly version: string;
  readonly bytes: Uint8Array;
  readonly provenance: readonly Provenance[];
}

/** A generated message type: `Cluster`, `Listener`, ... */
export interface Codec<M> {
  readonly $type: string;
  encode(message: M): { finish(): Uint8Array };
}

/** `message` as a google.protobuf.Any. */
export function packAny<M>(codec: Codec<M>, message: M): Any {
  return Any.fromPartial({ typeUrl: `type.googleapis.com/${codec.$type}`, value: codec.encode(message).finish() });
}

/** How many resources were encoded since the start: shows that work does not grow with the number of proxies. */
export const counters = { encoded: 0 };

/** Encodes a resource once. Callers memoize: the same input must not come here twice. */
export function encodeResource<M>(
  type: XdsType,
  name: string,
  codec: Codec<M>,
  message: M,
  provenance: readonly Provenance[],
): Resource {
  return encodePacked(type, name, packAny(codec, message), provenance);
}

/** As `encodeResource`, for a message that is packed already. */
export function encodePacked(type: XdsType, name: string, packed: Any, provenance: readonly Provenance[]): Resource {
  const bytes = Any.encode(packed).finish();
  counters.encoded += 1;
  return Object.freeze({ type, name, version: contentHash(bytes), bytes, provenance });
}

/** Resources of one type by name, in no order that matters. Immutable: an unchanged map is the same object. */
export type ResourceMap = ReadonlyMap<string, Resource>;

/** Resources by type. */
export type ResourceSet = Readonly<Record<Exclude<XdsType, "sds">, ResourceMap>>;

/**
 * What one proxy is served, as layers that do not overlap in names: `shared` is the same object for all proxies of a scope
 * (endpoints: of a scope and locality), `own` is the workload's. Unchanged maps inside keep their identity from build to build.
 */
export interface ProxyResources {
  readonly shared: ResourceSet;
  readonly own: ResourceSet;
  /** Which clusters the proxy must have before it asks; undefined: all of them. */
  readonly onDemand?: OnDemandClusters;
  /** EnvoyFilters that select the proxy and are not applied; undefined: none. */
  readonly leftOut?: readonly LeftOut[];
}

/** An EnvoyFilter that would break what a proxy is served, and why. */
export interface LeftOut {
  readonly object: MeshObject<"EnvoyFilter">;
  readonly reason: string;
}

/** The same object while it says the same for the same resources. */
export interface OnDemandClusters {
  /** Clusters that Envoy never asks for: those of listeners, mirrors and filters, and all that are no service's. */
  readonly eager: ReadonlySet<string>;
  /** The clusters that virtual hosts send to beside this one: who uses one of them may need the others with the next request. */
  readonly companionsOf: (cluster: string) => readonly string[];
}
