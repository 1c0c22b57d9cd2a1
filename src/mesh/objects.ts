import { memo, placeIn, replacements } from "../lib/index.ts";
import { byCreation, objectKey, type Kind, type MeshObject } from "../model/index.ts";
import { keepList, sameContent, sameItems } from "./sharing.ts";

/** The objects of one kind: as given, and in Istio's order of precedence. */
interface KindList {
  readonly given: readonly MeshObject[];
  readonly sorted: readonly MeshObject[];
}

/** All objects of a snapshot by kind; a kind of which nothing changed keeps its arrays. */
export interface ObjectIndex {
  readonly lists: ReadonlyMap<Kind, KindList>;
}

/** Sorts objects by kind and precedence; what differs from the previous object only in its bookkeeping (resourceVersion) is replaced by that one. */
export function buildObjectIndex(objects: readonly MeshObject[], previous?: ObjectIndex): ObjectIndex {
  const lists = new Map<Kind, KindList>();
  for (const [kind, list] of Map.groupBy(objects, ({ kind }) => kind))
    lists.set(kind, kindList(list, previous?.lists.get(kind)));
  return { lists };
}

/** The objects of a kind in order of precedence: oldest first. The same array while none of them changes. */
export function ofKind<K extends Kind>(index: ObjectIndex, kind: K): readonly MeshObject<K>[] {
  return (index.lists.get(kind)?.sorted ?? none) as readonly MeshObject<K>[];
}

/** The newest version of an object, which may say the same in another place; the object itself where it is gone. */
export function newestOf(index: ObjectIndex, object: MeshObject): MeshObject {
  const list = index.lists.get(object.kind);
  return (list && byKey(list.given).get(objectKey(object))) ?? object;
}

const byKey = memo(
  (given: readonly MeshObject[]): ReadonlyMap<string, MeshObject> =>
    new Map(given.map((object) => [objectKey(object), object])),
);

const none: readonly MeshObject[] = Object.freeze([]);

function kindList(given: readonly MeshObject[], previous: KindList | undefined): KindList {
  if (!previous) return { given, sorted: Object.freeze(given.toSorted(byCreation)) };
  if (sameItems(previous.given, given)) return previous;
  const replaced = replacedIn(previous.given, given);
  if (replaced) return { given, sorted: withReplaced(previous.sorted, replaced) };
  const known = new Set(previous.sorted);
  const old = new Map<string, MeshObject>();
  for (const object of previous.sorted) old.set(objectKey(object), object);
  const kept = given.map((object) => {
    if (known.has(object)) return object;
    const before = old.get(objectKey(object));
    return before && saysTheSame(before, object) ? before : object;
  });
  return { given, sorted: keepList(previous.sorted, kept.sort(byCreation)) };
}

/** The objects that are not the same as before, where each of them stands in the place of an older version with the same precedence. */
function replacedIn(before: readonly MeshObject[], given: readonly MeshObject[]): readonly MeshObject[] | undefined {
  const changes = replacements(before, given);
  if (!changes?.every(({ old, item }) => byCreation(old, item) === 0)) return undefined;
  return changes.map(({ item }) => item);
}

/** The list, which is sorted by precedence, with these in the places of their older versions; itself, where all of them say the same. */
function withReplaced(sorted: readonly MeshObject[], replaced: readonly MeshObject[]): readonly MeshObject[] {
  const next = [...sorted];
  for (const object of replaced) {
    const at = placeIn(sorted, (other) => byCreation(other, object));
    const before = sorted[at];
    if (before && !saysTheSame(before, object)) next[at] = object;
  }
  return keepList(sorted, next);
}

function saysTheSame(a: MeshObject, b: MeshObject): boolean {
  return (
    a.apiVersion === b.apiVersion &&
    a.metadata.createdAt === b.metadata.createdAt &&
    sameContent(a.metadata.labels, b.metadata.labels) &&
    sameContent(a.metadata.annotations, b.metadata.annotations) &&
    sameContent(a.spec, b.spec)
  );
}
