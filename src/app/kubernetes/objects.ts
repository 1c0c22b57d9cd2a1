import { memo } from "../../lib/index.ts";
import type { MeshObject } from "../../model/index.ts";

type Objects = readonly MeshObject[];

/** The names of all namespaces there are. */
export const namespaceNames = memo((objects: Objects): readonly string[] =>
  objects.flatMap(({ kind, metadata }) => (kind === "Namespace" ? [metadata.name] : [])),
);

/** The labels of each namespace, by its name. */
export const namespaceLabels = memo(
  (objects: Objects): ReadonlyMap<string, Readonly<Record<string, string>>> =>
    new Map(
      objects.flatMap(({ kind, metadata }) =>
        kind === "Namespace" ? [[metadata.name, metadata.labels] as const] : [],
      ),
    ),
);

/** The uid of each pod, by `namespace/name`: a pod of the same name that came later has another. */
export const podUids = memo(
  (objects: Objects): ReadonlyMap<string, string> =>
    new Map(
      objects.flatMap(({ kind, metadata: { namespace, name, uid } }) =>
        kind === "Pod" && uid !== undefined ? [[`${namespace}/${name}`, uid] as const] : [],
      ),
    ),
);
