/** `build` once for each distinct list of texts, which together are the whole input. The key is their JSON: texts that are only joined could collide. */
export function memoTexts<R>(build: (texts: readonly string[]) => R): (texts: readonly string[]) => R {
  const results = new Map<string, { readonly value: R }>();
  return (texts) => {
    const key = JSON.stringify(texts);
    let result = results.get(key);
    if (!result) results.set(key, (result = { value: build(texts) }));
    return result.value;
  };
}
