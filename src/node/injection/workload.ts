import { isFields, type Fields } from "./pod.ts";

/** Where the pod stands in objects of each kind. */
const places: Readonly<Record<string, readonly string[]>> = {
  "v1/Pod": [],
  "apps/Deployment": ["spec", "template"],
  "apps/StatefulSet": ["spec", "template"],
  "apps/DaemonSet": ["spec", "template"],
  "apps/ReplicaSet": ["spec", "template"],
  "v1/ReplicationController": ["spec", "template"],
  "batch/Job": ["spec", "template"],
  "batch/CronJob": ["spec", "jobTemplate", "spec", "template"],
};

/** The path to an object's pod template (empty: the object is a pod), or undefined where it has none. */
export function templatePath(object: Fields): readonly string[] | undefined {
  const { apiVersion, kind } = object;
  if (typeof apiVersion !== "string" || typeof kind !== "string") return undefined;
  const [group = "", version] = apiVersion.split("/");
  const key = `${version === undefined ? "v1" : group}/${kind}`;
  return Object.hasOwn(places, key) ? places[key] : undefined;
}

/** The value at a path of maps, or undefined. */
export function valueAt(object: Fields, path: readonly string[]): unknown {
  return path.reduce<unknown>((value, step) => (isFields(value) ? value[step] : undefined), object);
}
