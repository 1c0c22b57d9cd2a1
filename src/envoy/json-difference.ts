import { isList, isObject, type Json } from "./decode.ts";

/** One place where a value departs from another: the path to it and what stands there; undefined: nothing. */
export interface Difference {
  readonly path: readonly string[];
  readonly value: Json | undefined;
  /** 0: another scalar, or other scalars in a list. Else something is there, gone, or of another form; a list counts its items. */
  readonly shape: number;
}

/** Where `value` departs from `base`, as deep down as can be told: lists of unequal length, or of scalars, depart as a whole. */
export function differences(base: Json, value: Json, path: readonly string[] = []): Difference[] {
  if (isObject(base) && isObject(value)) {
    if (base["@type"] !== value["@type"]) return [{ path, value, shape: 5 }]; // messages of two kinds have nothing in common
    const fields = [...new Set([...Object.keys(value), ...Object.keys(base)])];
    return fields.flatMap((field): Difference[] => {
      const [left, right] = [base[field], value[field]];
      if (left === undefined || right === undefined) return [{ path: [...path, field], value: right, shape: 1 }];
      return differences(left, right, [...path, field]);
    });
  }
  if (isList(base) && isList(value) && base.length === value.length && base.every(isObject)) {
    return value.flatMap((item, index) => differences(base[index] ?? null, item, [...path, String(index)]));
  }
  const same = JSON.stringify(base) === JSON.stringify(value);
  return same
    ? []
    : [{ path, value, shape: isNested(base) || isNested(value) ? (isList(value) ? value.length : 1) : 0 }];
}

function isNested(value: Json): boolean {
  return isObject(value) || (isList(value) && value.some(isNested));
}

/** Differences by a short form of their path that tells them apart: its end, else its beginning and its end. */
export function byShortPath(found: readonly Difference[]): [string, Difference][] {
  const forms = found.map(({ path }) => shortForms(path));
  return found.map((difference, index) => {
    const others = new Set(forms.filter((_, other) => other !== index).flat());
    const whole = difference.path.join(".");
    return [forms[index]?.find((text) => text === whole || !others.has(text)) ?? whole, difference];
  });
}

function shortForms(path: readonly string[]): string[] {
  const ends = [1, 2, 3, 4].filter((length) => length <= path.length).map((length) => path.slice(-length));
  const named = ends.filter(([first = ""]) => Number.isNaN(Number(first))); // "0.name" says less than "routes.0.name"
  return [...named.map((end) => end.join(".")), `${path.slice(0, 2).join(".")}…${path.at(-1)}`];
}
