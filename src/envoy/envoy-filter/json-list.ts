import { isList, isObject, type Json, type JsonObject } from "../decode.ts";

/** An object with one of its lists changed; an empty one is left out, as in proto JSON. */
export function withList(
  object: JsonObject,
  field: string,
  change: (items: readonly JsonObject[]) => readonly JsonObject[],
): JsonObject {
  const items = change(objects(object[field]));
  const { [field]: _, ...rest } = object;
  return items.length === 0 ? rest : { ...object, [field]: items };
}

/** The objects of a list. */
export function objects(value: Json | undefined): readonly JsonObject[] {
  return isList(value) ? value.filter(isObject) : [];
}
