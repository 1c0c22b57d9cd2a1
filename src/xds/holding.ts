import type { Resource } from "../envoy/index.ts";
import { list, select, selects, type Selection } from "./layers.ts";
import type { Held } from "./type-state.ts";

/** All that a client holds: the same arrays for clients that hold the same. No name occurs twice. */
export function heldResources({ layers, exceptions }: Held, selection: Selection): (readonly Resource[])[] {
  const all = [select(list(layers.shared), selection), select(list(layers.own), selection)];
  if (exceptions.size === 0) return all;
  const kept = [...exceptions.values()].filter((resource) => resource !== undefined);
  return [
    ...all.map((resources) => resources.filter(({ name }) => !exceptions.has(name))),
    kept.filter(({ name }) => selects(selection, name)),
  ];
}
