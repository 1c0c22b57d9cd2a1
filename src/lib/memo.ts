/** Memoization on the identity of the whole input. There are no hand-made keys: such keys have leaked secrets in other meshes. */

/** `build` once for each distinct input object; results, which may be undefined, live as long as the input does. */
export function memo<A extends object, R>(build: (a: A) => R): (a: A) => R {
  const results = new WeakMap<A, R>();
  return (a) => {
    const known = results.get(a);
    return known !== undefined || results.has(a) ? (known as R) : put(results, a, build(a));
  };
}

function put<K, R>(results: { set(key: K, result: R): unknown }, key: K, result: R): R {
  results.set(key, result);
  return result;
}

/** The table of an object, made where there is none. */
function tableOf<A extends object, B extends object, R>(tables: WeakMap<A, WeakMap<B, R>>, a: A): WeakMap<B, R> {
  return tables.get(a) ?? put(tables, a, new WeakMap<B, R>());
}

/** As `memo`, for two input objects. Best with the one first of which there are few: each distinct first one costs a table. */
export function memo2<A extends object, B extends object, R>(build: (a: A, b: B) => R): (a: A, b: B) => R {
  const tables = new WeakMap<A, WeakMap<B, R>>();
  return (a, b) => {
    const results = tableOf(tables, a);
    const known = results.get(b);
    return known !== undefined || results.has(b) ? (known as R) : put(results, b, build(a, b));
  };
}

/** As `memo2`, for three input objects. */
export function memo3<A extends object, B extends object, C extends object, R>(
  build: (a: A, b: B, c: C) => R,
): (a: A, b: B, c: C) => R {
  const tables = new WeakMap<A, WeakMap<B, WeakMap<C, R>>>();
  return (a, b, c) => {
    const results = tableOf(tableOf(tables, a), b);
    const known = results.get(c);
    return known !== undefined || results.has(c) ? (known as R) : put(results, c, build(a, b, c));
  };
}

/** As `memo`, for one object and one string, which together are the whole input. */
export function memoNamed<A extends object, R>(build: (a: A, name: string) => R): (a: A, name: string) => R {
  const tables = new WeakMap<A, Map<string, R>>();
  return (a, name) => {
    const results = tables.get(a) ?? put(tables, a, new Map<string, R>());
    const known = results.get(name);
    return known !== undefined || results.has(name) ? (known as R) : put(results, name, build(a, name));
  };
}
