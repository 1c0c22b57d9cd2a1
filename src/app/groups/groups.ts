import { memo } from "../../lib/index.ts";
import type { MeshObject } from "../../model/index.ts";

type Group = MeshObject<"WorkloadGroup">;

/** The WorkloadGroup of that name; undefined where there is none. */
export function groupFor(objects: readonly MeshObject[], namespace: string, name: string): Group | undefined {
  return groupsIn(objects).get(`${namespace}/${name}`);
}

const groupsIn = memo(
  (objects: readonly MeshObject[]): ReadonlyMap<string, Group> =>
    new Map(
      objects
        .filter((object) => object.kind === "WorkloadGroup")
        .map((group) => [`${group.metadata.namespace}/${group.metadata.name}`, group]),
    ),
);
