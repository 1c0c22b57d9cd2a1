import { changedKeys, patchMap, replacements } from "../lib/index.ts";

/** Structural sharing: a derived part that came out equal to the previous one stays the same JavaScript object. */

/** Whether two plain values (scalars, arrays, plain objects) say the same; an absent field equals an undefined one. `except`: a top-level field that does not count. */
export function sameContent(a: unknown, b: unknown, except?: string): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
    return a.every((item, i) => sameContent(item, b[i]));
  }
  return sameFields(a as Fields, b as Fields, except) && sameFields(b as Fields, a as Fields, except);
}

type Fields = Readonly<Record<string, unknown>>;

function sameFields(a: Fields, b: Fields, except: string | undefined): boolean {
  for (const name of Object.keys(a)) {
    if (name !== except && !sameContent(a[name], Object.hasOwn(b, name) ? b[name] : undefined)) return false;
  }
  return true;
}

/** Whether two lists hold the very same items in the same order. */
export function sameItems(a: readonly unknown[], b: readonly unknown[]): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (!Object.is(a[i], b[i])) return false;
  return true;
}

/** `previous` when it holds the same items, else `next`, frozen. */
export function keepList<T>(previous: readonly T[] | undefined, next: readonly T[]): readonly T[] {
  return previous && sameItems(previous, next) ? previous : Object.freeze(next);
}

/** `previous` when it says the same, else `next`, frozen. */
export function keepContent<T extends object>(previous: T | undefined, next: T, except?: string): T {
  return previous !== undefined && sameContent(previous, next, except) ? previous : Object.freeze(next);
}

/** `previous` when it has the same entries in the same order. */
export function keepMap<K, V>(previous: ReadonlyMap<K, V> | undefined, next: ReadonlyMap<K, V>): ReadonlyMap<K, V> {
  if (previous?.size !== next.size) return next;
  const changed = changedKeys(previous, next);
  if (changed) return changed.length === 0 ? previous : next;
  const old = previous.entries();
  for (const [key, value] of next) {
    const entry = old.next().value;
    if (!entry || !Object.is(entry[0], key) || !Object.is(entry[1], value)) return next;
  }
  return previous;
}

/** A value and everything it was made from, so that the next snapshot can tell whether it must be made again. */
export interface Derived<T> {
  readonly inputs: readonly unknown[];
  readonly value: T;
}

/** The previous derivation while its inputs are the same objects; else a new one, which `keep` may merge with the old value. */
export function derive<T>(
  previous: Derived<T> | undefined,
  inputs: readonly unknown[],
  build: (old: T | undefined) => T,
): Derived<T> {
  if (previous && sameItems(previous.inputs, inputs)) return previous;
  return Object.freeze({ inputs, value: build(previous?.value) });
}

/** Values by group, in order of first appearance; a group that holds the same items as before stays the same array. */
export function groupBy<T, K>(
  items: Iterable<T>,
  keyOf: (item: T) => K,
  previous?: ReadonlyMap<K, readonly T[]>,
): ReadonlyMap<K, readonly T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  const kept = new Map<K, readonly T[]>();
  for (const [key, group] of groups) kept.set(key, keepList(previous?.get(key), group));
  return keepMap(previous, kept);
}

/** What was grouped, and how it came out. */
export interface Grouping<K, T> {
  readonly items: readonly T[];
  readonly groups: ReadonlyMap<K, readonly T[]>;
}

/** As `groupBy`, for a long list in which little changes: while each new item is of the group of the one that it replaces, only those groups are made again. */
export function regroup<T, K>(
  items: readonly T[],
  keyOf: (item: T) => K,
  previous: Grouping<K, T> | undefined,
): Grouping<K, T> {
  const groups = previous && withReplaced(previous, items, keyOf);
  return { items, groups: groups ?? groupBy(items, keyOf, previous?.groups) };
}

/** Undefined where items came, went or changed their group. */
function withReplaced<T, K>(
  { items: before, groups }: Grouping<K, T>,
  items: readonly T[],
  keyOf: (item: T) => K,
): ReadonlyMap<K, readonly T[]> | undefined {
  const changes = replacements(before, items);
  if (!changes) return undefined;
  const replaced = new Map<T, T>();
  const keys = new Set<K>();
  for (const { old, item } of changes) {
    const key = keyOf(item);
    if (key !== keyOf(old)) return undefined;
    replaced.set(old, item);
    keys.add(key);
  }
  const patched = (key: K): readonly T[] => (groups.get(key) ?? []).map((item) => replaced.get(item) ?? item);
  return patchMap(
    groups,
    [...keys].map((key) => [key, Object.freeze(patched(key))] as const),
  );
}
