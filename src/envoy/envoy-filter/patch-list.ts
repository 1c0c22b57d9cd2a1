import type { JsonObject } from "../decode.ts";
import type { Patch } from "./patch.ts";

/** How patches find their place in a list. */
export interface ListPlan {
  /** Whether the patch is for this list at all. */
  readonly here: (patch: Patch) => boolean;
  /** Whether it names an item of the list. */
  readonly targets: (patch: Patch) => boolean;
  /** Whether this item is the one. */
  readonly is: (item: JsonObject, patch: Patch) => boolean;
  readonly onUse: (patch: Patch) => void;
  /** Operations without a target: Istio removes and replaces nothing then, but routes. */
  readonly removesAll?: boolean;
}

/**
 * A list of filters or routes after what patches add to it, take out of it and replace in it, in order; merging comes afterwards. An insertion
 * stands at the first item that it names, nowhere if there is none, and at the end of the list where it names nothing.
 * https://istio.io/latest/docs/reference/config/networking/envoy-filter/#EnvoyFilter-Patch-Operation
 */
export function patchList(
  items: readonly JsonObject[],
  patches: readonly Patch[],
  plan: ListPlan,
): readonly JsonObject[] {
  return patches.reduce((list, patch) => {
    if (!plan.here(patch)) return list;
    const next = applied(list, patch, plan);
    if (next !== list) plan.onUse(patch);
    return next;
  }, items);
}

function applied(list: readonly JsonObject[], patch: Patch, plan: ListPlan): readonly JsonObject[] {
  const { operation, value } = patch;
  const named = plan.targets(patch);
  const at = named ? list.findIndex((item) => plan.is(item, patch)) : -1;
  const missing = named && at < 0;
  switch (operation) {
    case "ADD":
      return [...list, value];
    case "INSERT_FIRST":
      return [value, ...list];
    case "INSERT_BEFORE":
      return missing ? list : list.toSpliced(Math.max(at, 0), 0, value);
    case "INSERT_AFTER":
      return missing ? list : list.toSpliced(named ? at + 1 : list.length, 0, value);
    case "REPLACE":
      return at < 0 ? list : list.with(at, value);
    case "REMOVE": {
      if (!named && !plan.removesAll) return list;
      const left = list.filter((item) => !plan.is(item, patch));
      return left.length === list.length ? list : left;
    }
    default:
      return list;
  }
}
