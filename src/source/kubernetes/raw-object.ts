import { healthCondition } from "../../model/index.ts";

/** An object as the API server gave it; nothing of it is certain. */
export interface RawObject {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata?: {
    readonly name?: string;
    readonly namespace?: string;
    readonly uid?: string;
    readonly resourceVersion?: string;
    readonly generation?: number;
    readonly labels?: unknown;
    readonly annotations?: Readonly<Record<string, unknown>>;
    readonly creationTimestamp?: unknown;
  };
  readonly data?: { readonly mesh?: unknown };
  readonly status?: unknown;
}

export function isRecord(value: unknown): value is RawObject {
  return typeof value === "object" && value !== null;
}

/** `Kind/namespace/name`; the namespace is empty for kinds without. */
export function keyOf(kind: string, { metadata }: RawObject): string {
  return `${kind}/${metadata?.namespace ?? ""}/${metadata?.name ?? ""}`;
}

/** Tells one state of an object from any other, also of another object with its name. */
export function versionOf({ metadata }: RawObject): string {
  return `${metadata?.uid ?? ""} ${metadata?.resourceVersion ?? ""}`;
}

/** Tells one spec of an object from any other: status and labels make no new generation. */
export function generationOf({ metadata }: RawObject): string {
  return `${metadata?.uid ?? ""} ${metadata?.generation ?? 0}`;
}

/** Written by kubectl and by controllers for themselves: large, or new with each heartbeat. */
const idleAnnotations: ReadonlySet<string> = new Set([
  "kubectl.kubernetes.io/last-applied-configuration",
  "endpoints.kubernetes.io/last-change-trigger-time",
]);

/** A node's are its controllers' own; a Secret's may quote the Secret. */
const withoutAnnotations: ReadonlySet<string> = new Set(["Node", "Secret"]);

/**
 * An object without what the mesh never asks: the record of its writers, its version (the origin keeps it), all but a pod's status and the
 * health of a WorkloadEntry. So an object whose status alone was written stays the same.
 */
export function trimObject(raw: RawObject): unknown {
  const { metadata = {}, status, ...rest } = raw;
  const { name, namespace, uid, labels, annotations, creationTimestamp } = metadata;
  const { spec } = raw as { spec?: unknown };
  const kept = Object.entries(annotations ?? {}).filter(([key]) => !idleAnnotations.has(key));
  return {
    ...rest,
    metadata: {
      name,
      namespace,
      uid,
      labels: labels ?? undefined,
      creationTimestamp: creationTimestamp ?? undefined,
      ...(kept.length > 0 && !withoutAnnotations.has(raw.kind ?? "") && { annotations: Object.fromEntries(kept) }),
    },
    ...(raw.kind === "Pod" && { spec: trimPodSpec(spec), status }),
    ...(raw.kind === "WorkloadEntry" && { status: { conditions: healthIn(status) } }),
  };
}

/** Of a condition that says how a workload is, what it says; not since when. */
function healthIn(status: unknown): readonly object[] {
  if (!isRecord(status)) return [];
  const { conditions } = status as { conditions?: unknown };
  if (!Array.isArray(conditions)) return [];
  return conditions
    .filter(
      (one): one is Readonly<Record<string, unknown>> => isRecord(one) && Reflect.get(one, "type") === healthCondition,
    )
    .map((one) => ({ type: one["type"], status: one["status"], message: one["message"] }));
}

/** Commands and variables of containers may hold secrets, and are `heddle up`'s only. */
function trimPodSpec(spec: unknown): unknown {
  if (!isRecord(spec)) return spec;
  const { serviceAccountName, nodeName, hostNetwork, restartPolicy, securityContext, containers } = spec as Readonly<
    Record<string, unknown>
  >;
  const list: readonly unknown[] = Array.isArray(containers) ? containers : [];
  const trimmed = list.map((container) => {
    if (!isRecord(container)) return container;
    const { name, ports, securityContext: own } = container as Readonly<Record<string, unknown>>;
    return { name, ports, ...userOf(own) };
  });
  return { serviceAccountName, nodeName, hostNetwork, restartPolicy, ...userOf(securityContext), containers: trimmed };
}

function userOf(context: unknown): { securityContext?: { runAsUser: unknown } } {
  if (!isRecord(context) || !("runAsUser" in context)) return {};
  return { securityContext: { runAsUser: context.runAsUser } };
}
