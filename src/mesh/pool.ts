/** Values of a snapshot that are made on demand, and those of earlier snapshots, so that equal ones stay the same objects. */
export interface Pool<T> {
  readonly current: Map<string, T>;
  readonly earlier: ReadonlyMap<string, { readonly value: T; readonly age: number }>;
}

/** Snapshots that a value survives without anybody asking for it: a proxy may be away for a few, a namespace may be gone for good. */
const maxAge = 16;

/** The pool of the next snapshot: it remembers the values, never the snapshots. */
export function nextPool<T>(previous: Pool<T> | undefined): Pool<T> {
  const earlier = new Map<string, { value: T; age: number }>();
  for (const [key, { value, age }] of previous?.earlier ?? []) {
    if (age < maxAge) earlier.set(key, { value, age: age + 1 });
  }
  for (const [key, value] of previous?.current ?? []) earlier.set(key, { value, age: 0 });
  return { current: new Map(), earlier };
}

/** The value of this snapshot for a key, made once; `build` gets the value of an earlier snapshot to share with. */
export function fromPool<T>(pool: Pool<T>, key: string, build: (old: T | undefined) => T): T {
  let value = pool.current.get(key);
  if (value === undefined) pool.current.set(key, (value = build(pool.earlier.get(key)?.value)));
  return value;
}
