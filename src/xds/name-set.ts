import { memo2 } from "../lib/index.ts";

/** An immutable set of names. Equal sets are the same object, so that a thousand streams that ask for the same names hold one set. */
export type NameSet = ReadonlySet<string>;

const pool = new Map<string, WeakRef<Set<string>>>();
const collected = new FinalizationRegistry<string>((key) => {
  if (pool.get(key)?.deref() === undefined) pool.delete(key);
});

/** FNV-1a over the code units of a name; over the bytes of an ASCII name it is the same. */
export const hashSeed = 0x811c9dc5;

export function hashWith(hash: number, unit: number): number {
  return Math.imul(hash ^ unit, 0x01000193);
}

function hashOf(name: string): number {
  let hash = hashSeed;
  for (let i = 0; i < name.length; i++) hash = hashWith(hash, name.charCodeAt(i));
  return hash;
}

/** What equal sets have in common: two sums over the hashes of their names, the same in whatever order these come. */
export class Tally {
  #size = 0;
  #sum = 0;
  #product = 1;

  add(hash: number): void {
    this.#size += 1;
    this.#sum = (this.#sum + hash) | 0;
    this.#product = Math.imul(this.#product, hash | 1);
  }

  get key(): string {
    return `${this.#size} ${this.#sum} ${this.#product}`;
  }
}

function poolKey(names: ReadonlySet<string>): string {
  const tally = new Tally();
  for (const name of names) tally.add(hashOf(name));
  return tally.key;
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

/** As `nameSet`, for names of which none occurs twice, with the tally of their hashes: where the set is known, none is made. */
export function talliedSet(names: readonly string[], tally: Tally): NameSet {
  const known = pool.get(tally.key)?.deref();
  const isKnown = known?.size === names.length && names.every((name) => known.has(name));
  return isKnown ? known : nameSet(names);
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
