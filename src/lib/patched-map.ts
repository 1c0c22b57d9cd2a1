/** More replacements than this are written into a map of their own. */
const maxPatch = 64;

/** A map with other values for a few keys of another one. Keeps its order. */
class PatchedMap<K, V> implements ReadonlyMap<K, V> {
  readonly base: ReadonlyMap<K, V>;
  readonly patch: ReadonlyMap<K, V>;
  readonly [Symbol.toStringTag] = "Map";

  /** Every key of `patch` is one of `base`. */
  constructor(base: ReadonlyMap<K, V>, patch: ReadonlyMap<K, V>) {
    this.base = base;
    this.patch = patch;
  }

  get size(): number {
    return this.base.size;
  }

  get(key: K): V | undefined {
    return this.#of(key, this.base.get(key));
  }

  has(key: K): boolean {
    return this.base.has(key);
  }

  keys(): MapIterator<K> {
    return this.base.keys();
  }

  *values(): MapIterator<V> {
    for (const [key, value] of this.base) yield this.#of(key, value) as V;
  }

  *entries(): MapIterator<[K, V]> {
    for (const [key, value] of this.base) yield [key, this.#of(key, value) as V];
  }

  [Symbol.iterator](): MapIterator<[K, V]> {
    return this.entries();
  }

  forEach(callback: (value: V, key: K, map: ReadonlyMap<K, V>) => void): void {
    this.base.forEach((value, key) => callback(this.#of(key, value) as V, key, this));
  }

  #of(key: K, value: V | undefined): V | undefined {
    const patched = this.patch.get(key);
    return patched !== undefined || this.patch.has(key) ? patched : value;
  }
}

/**
 * A map as `new Map(map)` with these entries set; `map` itself where it has all of them. While the keys are the map's own it costs as much
 * as the entries that differ, whatever the size of the map, and `changedKeys` tells what they are.
 */
export function patchMap<K, V>(map: ReadonlyMap<K, V>, entries: Iterable<readonly [K, V]>): ReadonlyMap<K, V> {
  const fresh = [...new Map(entries)].filter(([key, value]) => !Object.is(map.get(key), value) || !map.has(key));
  if (fresh.length === 0) return map;
  const { base, patch } = partsOf(map);
  const next = new Map(patch);
  for (const [key, value] of fresh) next.set(key, value);
  if (next.size <= maxPatch && fresh.every(([key]) => map.has(key))) return new PatchedMap(base, next);
  const flat = new Map(map);
  for (const [key, value] of fresh) flat.set(key, value);
  return flat;
}

/** The keys whose values differ, where both maps were patched from one and so have the same keys; else undefined, and nobody knows but by looking. */
export function changedKeys<K, V>(before: ReadonlyMap<K, V>, after: ReadonlyMap<K, V>): readonly K[] | undefined {
  const [old, now] = [partsOf(before), partsOf(after)];
  if (old.base !== now.base) return undefined;
  const keys = new Set([...old.patch.keys(), ...now.patch.keys()]);
  return [...keys].filter((key) => !Object.is(before.get(key), after.get(key)));
}

/** The map that a map was patched from, for what is remembered of it; undefined for any other. */
export function patchedFrom<K, V>(map: ReadonlyMap<K, V>): ReadonlyMap<K, V> | undefined {
  return map instanceof PatchedMap ? (map.base as ReadonlyMap<K, V>) : undefined;
}

function partsOf<K, V>(
  map: ReadonlyMap<K, V>,
): { readonly base: ReadonlyMap<K, V>; readonly patch: ReadonlyMap<K, V> } {
  return map instanceof PatchedMap ? (map as PatchedMap<K, V>) : { base: map, patch: new Map() };
}
