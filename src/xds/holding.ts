import type { Resource, XdsType } from "../envoy/index.ts";
import { list, lookup, select, selects, type Selection } from "./layers.ts";
import type { Held } from "./type-state.ts";

/** All that a client holds: the same arrays for clients that hold the same. No name occurs twice. */
export function heldResources({ layers, exceptions }: Held, selection: Selection): (readonly Resource[])[] {
  const all = [select(list(layers.shared), selection), select(list(layers.own), selection)];
  if (exceptions.size === 0) return all;
  const kept = [...exceptions.values()].flatMap((resource) =>
    resource && resource.bytes.length > 0 ? [resource] : [],
  );
  return [
    ...all.map((resources) => resources.filter(({ name }) => !exceptions.has(name))),
    kept.filter(({ name }) => selects(selection, name)),
  ];
}

/** What a client holds under a name. */
export function haveOf({ exceptions, layers }: Held, name: string): Resource | undefined {
  return exceptions.has(name) ? exceptions.get(name) : lookup(layers, name);
}

/** Something that a client holds and we have not: there is a name, perhaps a version, and no content. */
export function unknownResource(type: XdsType, name: string, version = ""): Resource {
  return { type, name, version, bytes: new Uint8Array(), provenance: [] };
}
