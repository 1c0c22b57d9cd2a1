/** What stands in the place of what, in two lists of one length; undefined where the lengths differ. */
export function replacements<T>(
  before: readonly T[],
  after: readonly T[],
): readonly { readonly old: T; readonly item: T }[] | undefined {
  if (before.length !== after.length) return undefined;
  const found: { old: T; item: T }[] = [];
  for (let i = 0; i < after.length; i++) {
    const old = before[i] as T;
    const item = after[i] as T;
    if (old !== item) found.push({ old, item });
  }
  return found;
}
