import { isList, isObject, type Json } from "./decode.ts";

/** One place where a value departs from another: the path to it and what stands there; undefined: nothing. */
export interface Difference {
  readonly path: readonly string[];
  readonly value: Json | undefined;
  /** More than another scalar or other scalars in a list: something is there, gone, or of another form. */
  readonly shape: boolean;
}

/** Where `value` departs from `base`, as deep down as can be told: lists of unequal length, or of scalars, depart as a whole. */
export function differences(base: Json, value: Json, path: readonly string[] = []): Difference[] {
  if (isObject(base) && isObject(value)) {
    const fields = [...new Set([...Object.keys(value), ...Object.keys(base)])];
    return fields.flatMap((field): Difference[] => {
      const [left, right] = [base[field], value[field]];
      if (left === undefined || right === undefined) return [{ path: [...path, field], value: right, shape: true }];
      return differences(left, right, [...path, field]);
    });
  }
  if (isList(base) && isList(value) && base.length === value.length && base.every(isObject)) {
    return value.flatMap((item, index) => differences(base[index] ?? null, item, [...path, String(index)]));
  }
  const same = JSON.stringify(base) === JSON.stringify(value);
  return same ? [] : [{ path, value, shape: isNested(base) || isNested(value) }];
}

function isNested(value: Json): boolean {
  return isObject(value) || (isList(value) && value.some(isNested));
}

/** Differences by the shortest end of their path that tells them apart. */
export function byShortPath(found: readonly Difference[]): [string, Difference][] {
  const ends = (length: number) => found.map(({ path }) => path.slice(-length).join("."));
  return found.map((difference, index) => {
    for (let length = 1; length < difference.path.length; length++) {
      const all = ends(length);
      const end = all[index] ?? "";
      if (Number.isNaN(Number(end.split(".")[0])) && all.indexOf(end) === all.lastIndexOf(end))
        return [end, difference];
    }
    return [difference.path.join("."), difference];
  });
}
