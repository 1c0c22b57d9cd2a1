import { bareObject } from "../../lib/index.ts";
import { codes } from "../codes.ts";
import type { Place } from "../report.ts";
import { maxDepth } from "./depth.ts";
import { checkText, forbiddenKeys } from "./value.ts";

/** A copy of decoded JSON under the same rules as a file: no inherited fields, no doubtful keys, finite numbers, bounded depth. */
export function copyValue(value: unknown, place: Place): unknown {
  if (place.path.length > maxDepth) return place.error(codes.tooDeep, `nests deeper than ${maxDepth}`);
  if (Array.isArray(value)) return value.map((item, index) => copyValue(item, place.at(index)));
  if (typeof value === "object" && value !== null) {
    const fields = bareObject();
    for (const [key, item] of Object.entries(value)) {
      if (forbiddenKeys.has(key)) place.at(key).error(codes.forbiddenKey, `the key "${key}" is not allowed`);
      else if (item !== undefined) fields[key] = copyValue(item, place.at(key));
    }
    return fields;
  }
  if (typeof value === "string") checkText(value, place);
  else if (typeof value === "number" && (!Number.isFinite(value) || Math.abs(value) > Number.MAX_SAFE_INTEGER))
    place.error(codes.number, `${value} is too large to be exact`);
  else if (typeof value !== "boolean" && typeof value !== "number" && value !== null)
    return place.error(codes.wrongType, `a ${typeof value} cannot stand in an object`);
  return value;
}
