/** Memoization on the identity of the whole input. There are no hand-made keys: such keys have leaked secrets in other meshes. */

/** The result for a key, made if it is not there. Results may be undefined. */
function recall<K extends object, R>(results: WeakMap<K, R>, key: K, build: () => R): R {
  const known = results.get(key);
  if (known !== undefined || results.has(key)) return known as R;
  const result = build();
  results.set(key, result);
  return result;
}

/** `build` once for each distinct input object; results live as long as the input does. */
export function memo<A extends object, R>(build: (a: A) => R): (a: A) => R {
  const results = new WeakMap<A, R>();
  return (a) => recall(results, a, () => build(a));
}

const newTable = <K extends object, R>(): WeakMap<K, R> => new WeakMap();

/** As `memo`, for two input objects. */
export function memo2<A extends object, B extends object, R>(build: (a: A, b: B) => R): (a: A, b: B) => R {
  const tables = new WeakMap<A, WeakMap<B, R>>();
  return (a, b) => recall(recall(tables, a, newTable<B, R>), b, () => build(a, b));
}

/** As `memo`, for three input objects. */
export function memo3<A extends object, B extends object, C extends object, R>(
  build: (a: A, b: B, c: C) => R,
): (a: A, b: B, c: C) => R {
  const tables = new WeakMap<A, WeakMap<B, WeakMap<C, R>>>();
  return (a, b, c) => {
    const ofB = recall(tables, a, newTable<B, WeakMap<C, R>>);
    return recall(recall(ofB, b, newTable<C, R>), c, () => build(a, b, c));
  };
}

/** As `memo`, for one object and one string, which together are the whole input. */
export function memoNamed<A extends object, R>(build: (a: A, name: string) => R): (a: A, name: string) => R {
  const byA = memo((a: A) => {
    const byName = new Map<string, R>();
    return (name: string) => {
      let hit = byName.get(name);
      if (hit === undefined) byName.set(name, (hit = build(a, name)));
      return hit;
    };
  });
  return (a, name) => byA(a)(name);
}
