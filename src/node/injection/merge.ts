import { isFields, type Fields } from "./pod.ts";

/** By what the entries of a list are known, as Kubernetes merges them; a list that is not here is replaced whole. */
const keys: Readonly<Record<string, string>> = {
  containers: "name",
  initContainers: "name",
  volumes: "name",
  env: "name",
  volumeMounts: "mountPath",
  ports: "containerPort",
  imagePullSecrets: "name",
};

/**
 * `base` changed by `overlay`: maps key by key, the lists above entry by entry, null takes away, anything else replaces.
 * https://kubernetes.io/docs/tasks/manage-kubernetes-objects/update-api-object-kubectl-patch/#notes-on-the-strategic-merge-patch
 */
export function mergeFields<T extends Fields>(base: T, overlay: Fields): T {
  const merged = new Map<string, unknown>(Object.entries(base));
  for (const [key, value] of Object.entries(overlay)) {
    if (value === null) merged.delete(key);
    else merged.set(key, mergeValue(key, merged.get(key), value));
  }
  return Object.fromEntries(merged) as T;
}

function mergeValue(key: string, base: unknown, overlay: unknown): unknown {
  if (isFields(base) && isFields(overlay)) return mergeFields(base, overlay);
  const by = Object.hasOwn(keys, key) ? keys[key] : undefined;
  if (by !== undefined && Array.isArray(base) && Array.isArray(overlay)) return mergeList(by, base, overlay);
  return overlay;
}

function mergeList(by: string, base: readonly unknown[], overlay: readonly unknown[]): unknown[] {
  const nameOf = (item: unknown): unknown => (isFields(item) ? item[by] : undefined);
  const merged = [...base];
  for (const item of overlay) {
    const at = merged.findIndex((other) => nameOf(other) !== undefined && nameOf(other) === nameOf(item));
    const found = merged[at];
    if (isFields(found) && isFields(item)) merged[at] = mergeFields(found, item);
    else merged.push(item);
  }
  return merged;
}
