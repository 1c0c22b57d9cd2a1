/** `build` once for all inputs that say the same texts, which must be all that it reads. The key is their JSON: texts that are only joined could collide. */
export function memoTexts<I, R>(textsOf: (input: I) => readonly string[], build: (input: I) => R): (input: I) => R {
  const results = new Map<string, { readonly value: R }>();
  return (input) => {
    const key = JSON.stringify(textsOf(input));
    let result = results.get(key);
    if (!result) results.set(key, (result = { value: build(input) }));
    return result.value;
  };
}
