import { changedKeys, memo, memo2 } from "../lib/index.ts";
import type { Resource, ResourceMap } from "../envoy/index.ts";
import { minus, nameSet, noNames, plus, type NameSet } from "./name-set.ts";

/** The resources of one type for one proxy: what its scope shares, and what is its own. No name is in both. */
export interface Layers {
  readonly shared: ResourceMap;
  readonly own: ResourceMap;
}

export const noResources: ResourceMap = new Map();
export const nothing: Layers = Object.freeze({ shared: noResources, own: noResources });

export function lookup(layers: Layers, name: string): Resource | undefined {
  return layers.own.get(name) ?? layers.shared.get(name);
}

/** What differs from one map to the next. */
export interface Diff {
  readonly changed: readonly Resource[]; // as they are now
  readonly removed: readonly Resource[]; // as they were
}

const noDiff: Diff = { changed: [], removed: [] };

const diffOf = memo2((before: ResourceMap, after: ResourceMap): Diff => {
  const patched = changedKeys(before, after);
  if (patched) return { changed: changedAmong(inOrder(patched, after), before, after), removed: [] };
  const removed: Resource[] = [];
  if (before.size > 0) {
    for (const [name, resource] of before) if (!after.has(name)) removed.push(resource);
  }
  return { changed: changedAmong(after.keys(), before, after), removed };
});

function changedAmong(names: Iterable<string>, before: ResourceMap, after: ResourceMap): readonly Resource[] {
  const changed: Resource[] = [];
  for (const name of names) {
    const [old, resource] = [before.get(name), after.get(name)];
    if (resource && old !== resource && old?.version !== resource.version) changed.push(resource);
  }
  return changed;
}

/** In the map's order, so that what was patched before does not show (FAULTS F11). */
function inOrder(names: readonly string[], map: ResourceMap): readonly string[] {
  if (names.length < 2) return names;
  const wanted = new Set(names);
  return [...map.keys()].filter((name) => wanted.has(name));
}

/** Computed once for two maps, however many streams go from one to the other. */
export function diff(before: ResourceMap, after: ResourceMap): Diff {
  return before === after ? noDiff : diffOf(before, after);
}

/** What of a map a client gets: everything, or these names; of virtual hosts only those of the route configurations it holds. */
export interface Selection {
  readonly all: boolean;
  readonly names: NameSet;
  readonly parents?: NameSet;
}

/** Ends the name of a virtual host that never exists. */
export const placeholder = "/~init";

/** `8080` of `8080/reviews.default.svc.cluster.local`: the route configuration that a virtual host belongs to. */
export function parentOf(name: string): string {
  return name.slice(0, Math.max(0, name.lastIndexOf("/")));
}

export function selects({ all, names, parents }: Selection, name: string): boolean {
  return (all || names.has(name)) && (parents === undefined || parents.has(parentOf(name)));
}

const none: readonly Resource[] = [];
const byName = memo2((list: readonly Resource[], names: NameSet) => list.filter(({ name }) => names.has(name)));
const byParent = memo2((list: readonly Resource[], parents: NameSet) =>
  list.filter(({ name }) => parents.has(parentOf(name))),
);

/** The selected part of a list: the same array for the same list and selection. */
export function select(list: readonly Resource[], { all, names, parents }: Selection): readonly Resource[] {
  if (list.length === 0) return none;
  const named = all ? list : names.size === 0 ? none : byName(list, names);
  return parents === undefined || named.length === 0 ? named : byParent(named, parents);
}

const missingOf = memo2((names: NameSet, map: ResourceMap) => [...names].filter((name) => !map.has(name)));

/** Those of the names that no layer has. */
export function missing(names: NameSet, { shared, own }: Layers): readonly string[] {
  if (names.size === 0) return [];
  const absent = missingOf(names, shared);
  return absent.length === 0 || own.size === 0 ? absent : absent.filter((name) => !own.has(name));
}

const listOf = memo((map: ResourceMap): readonly Resource[] => [...map.values()]);

/** All resources of a map as a list: the same array for the same map. */
export function list(map: ResourceMap): readonly Resource[] {
  return listOf(map);
}

const childrenOf = memo((map: ResourceMap) => {
  const children = new Map<string, string[]>();
  for (const name of map.keys()) {
    const parent = parentOf(name);
    const names = children.get(parent);
    if (names) names.push(name);
    else children.set(parent, [name]);
  }
  return children;
});

const hostsIn = memo2((parents: NameSet, map: ResourceMap) => {
  const children = childrenOf(map);
  return nameSet([...parents].flatMap((parent) => children.get(parent) ?? []));
});

/** The virtual hosts of these route configurations. */
export function virtualHostsOf(parents: NameSet, { shared, own }: Layers): NameSet {
  return plus(hostsIn(parents, shared), hostsIn(parents, own));
}

/**
 * `<route configuration>/~init`, which does not exist, for each that has no virtual host: Envoy holds a listener back until it
 * has heard of at least one virtual host of each of its route configurations, if only that it is gone.
 */
export function placeholdersFor(parents: NameSet, { shared, own }: Layers): NameSet {
  const childless = [...parents].filter((name) => !childrenOf(shared).has(name) && !childrenOf(own).has(name));
  return nameSet(childless.map((name) => `${name}${placeholder}`));
}

const namesIn = memo2((list: readonly Resource[], map: ResourceMap) =>
  nameSet(list.filter(({ name }) => map.has(name)).map(({ name }) => name)),
);

/** The names of the list that the layers have. */
export function namesAlsoIn(list: readonly Resource[], { shared, own }: Layers): NameSet {
  if (list.length === 0) return noNames;
  const inShared = namesIn(list, shared);
  return own.size === 0 ? inShared : plus(inShared, namesIn(list, own));
}

/** Every one of `names` is in `set`. */
export function covers(set: NameSet, names: NameSet): boolean {
  return set === names || minus(names, set).size === 0;
}
