/** Memoization on the identity of the whole input. There are no hand-made keys: such keys have leaked secrets in other meshes. */

/** `build` once for each distinct input object; results live as long as the input does. */
export function memo<A extends object, R>(build: (a: A) => R): (a: A) => R {
  const results = new WeakMap<A, { readonly value: R }>();
  return (a) => {
    let hit = results.get(a);
    if (!hit) results.set(a, (hit = { value: build(a) }));
    return hit.value;
  };
}

/** As `memo`, for two input objects. */
export function memo2<A extends object, B extends object, R>(build: (a: A, b: B) => R): (a: A, b: B) => R {
  const byA = memo((a: A) => memo((b: B) => build(a, b)));
  return (a, b) => byA(a)(b);
}

/** As `memo`, for three input objects. */
export function memo3<A extends object, B extends object, C extends object, R>(
  build: (a: A, b: B, c: C) => R,
): (a: A, b: B, c: C) => R {
  const byA = memo((a: A) => memo2((b: B, c: C) => build(a, b, c)));
  return (a, b, c) => byA(a)(b, c);
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
