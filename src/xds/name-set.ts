import { memo2 } from "../lib/index.ts";

/** An immutable set of names. Equal sets are the same object, so that a thousand streams that ask for the same names hold one set. */
export type NameSet = ReadonlySet<string>;

const pool = new Map<string, WeakRef<Set<string>>>();
const collected = new FinalizationRegistry<string>((key) => {
  if (pool.get(key)?.deref() === undefined) pool.delete(key);
});

/** Two sums over the names' hashes: the same in whatever order the names come. */
function poolKey(names: ReadonlySet<string>): string {
  let sum = 0;
  let product = 1;
  for (const name of names) {
    let hash = 0x811c9dc5;
    for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
    sum = (sum + hash) | 0;
    product = Math.imul(product, hash | 1);
  }
  return `${names.size} ${sum} ${product}`;
}

function equal(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  if (a.size !== b.size) return false;
  for (const name of a) if (!b.has(name)) return false;
  return true;
}

function intern(names: Set<string>): NameSet {
  const key = poolKey(names);
  const known = pool.get(key)?.deref();
  if (known && equal(known, names)) return known;
  if (!known) {
    pool.set(key, new WeakRef(names));
    collected.register(names, key);
  }
  return names;
}

export const noNames: NameSet = intern(new Set());

/** The one set with these names. */
export function nameSet(names: Iterable<string>): NameSet {
  const set = new Set(names);
  return set.size === 0 ? noNames : intern(set);
}

const joined = memo2((set: NameSet, more: NameSet) => nameSet(new Set([...set, ...more])));
const without = memo2((set: NameSet, less: NameSet) => nameSet([...set].filter((name) => !less.has(name))));

/** `set` and `more`. */
export function plus(set: NameSet, more: NameSet): NameSet {
  if (more.size === 0) return set;
  return set.size === 0 ? more : joined(set, more);
}

/** `set` without `less`. */
export function minus(set: NameSet, less: NameSet): NameSet {
  if (less.size === 0 || set.size === 0) return set;
  return set === less ? noNames : without(set, less);
}
