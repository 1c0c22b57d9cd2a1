import { byCodeUnit, type Position } from "../lib/index.ts";

/** A path into an object, as `["spec", "http", 0, "route"]`. */
export type FieldPath = readonly (string | number)[];

/** `spec.http[0].route` */
export function formatPath(path: FieldPath): string {
  let text = "";
  for (const step of path) text += typeof step === "number" ? `[${step}]` : text ? `.${step}` : step;
  return text;
}

/** Where an object was written. `at` gives the place of a field, or of its nearest parent that is there. */
export interface Origin {
  readonly file: string;
  at(path: FieldPath): Position;
}

/** The part of Kubernetes' ObjectMeta that a mesh needs. Namespace is never empty for a namespaced kind. */
export interface ObjectMeta {
  readonly name: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** Milliseconds since the epoch; undefined in files that do not say. */
  readonly createdAt?: number;
  readonly uid?: string;
  readonly resourceVersion?: string;
}

/** One object as the user wrote it, checked: frozen, and the same JavaScript object as long as its text is unchanged. */
export interface TypedObject<K extends string, S> {
  readonly kind: K;
  readonly apiVersion: string;
  readonly metadata: ObjectMeta;
  readonly spec: S;
  readonly origin: Origin;
}

/** `Kind/namespace/name`: the key of the object table. */
export function objectKey(object: { kind: string; metadata: { namespace: string; name: string } }): string {
  return `${object.kind}/${object.metadata.namespace}/${object.metadata.name}`;
}

/**
 * Istio's order of precedence: oldest first, then by name, then by namespace.
 * Objects without a creation time (files) come by name and namespace alone.
 */
export function byCreation(a: { metadata: ObjectMeta }, b: { metadata: ObjectMeta }): number {
  const age = (a.metadata.createdAt ?? 0) - (b.metadata.createdAt ?? 0);
  if (age !== 0) return age;
  return byCodeUnit(a.metadata.name, b.metadata.name) || byCodeUnit(a.metadata.namespace, b.metadata.namespace);
}
