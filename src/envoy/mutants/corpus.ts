import { parse } from "yaml";
import { splitDocuments } from "../../model/index.ts";

/** Decoded YAML that is written to. */
export type Value = null | boolean | number | string | Value[] | Fields;
export interface Fields {
  [field: string]: Value;
}

/** One golden input, decoded: who asks, and the objects of the mesh. */
export interface Golden {
  readonly name: string;
  readonly asker: Value;
  readonly objects: readonly Fields[];
}

/** The golden inputs, and what of each could stand in another one. */
export interface Corpus {
  readonly goldens: readonly Golden[];
  /** By the name of a field, every value that it has somewhere. */
  readonly values: ReadonlyMap<string, readonly Value[]>;
  /** By the shape of a map or list (`VirtualService.spec.http.match`), every field or item that it has somewhere. */
  readonly members: ReadonlyMap<string, readonly (readonly [field: string, value: Value])[]>;
}

/** `texts` are the `in.yaml`s by name. What is no YAML (some inputs are broken on purpose) is left out. */
export function readCorpus(texts: ReadonlyMap<string, string>): Corpus {
  const goldens = [...texts].map(([name, text]): Golden => {
    const [first, ...rest] = splitDocuments(text).map((document) => decode(document.text));
    return { name, asker: first ?? {}, objects: rest.filter(isFields) };
  });
  const values = new Map<string, Value[]>();
  const members = new Map<string, (readonly [string, Value])[]>();
  for (const { objects } of goldens) {
    for (const { field, value, shape } of objects.flatMap((object) => nodesOf(object))) {
      listed(values, field).push(value);
      listed(members, shape).push([field, value]);
    }
  }
  return { goldens, values, members };
}

/** One value within an object, and where it stands. */
export interface Node {
  readonly parent: Value[] | Fields;
  readonly key: string | number;
  readonly field: string; // of items, that of their list
  readonly value: Value;
  readonly shape: string; // of the parent
}

/** Every value within an object, however deep. */
export function nodesOf(object: Fields): readonly Node[] {
  const found: Node[] = [];
  const enter = (parent: Value[] | Fields, shape: string, field: string): void => {
    for (const [key, value] of Object.entries(parent)) {
      const isItem = Array.isArray(parent);
      const name = isItem ? field : key;
      found.push({ parent, key: isItem ? Number(key) : key, field: name, value, shape });
      if (typeof value === "object" && value !== null) enter(value, isItem ? `${shape}[]` : `${shape}.${key}`, name);
    }
  };
  const { kind } = object;
  enter(object, typeof kind === "string" ? kind : "", "");
  return found;
}

function decode(text: string): Value {
  try {
    return parse(text, { uniqueKeys: false }) as Value;
  } catch {
    return null;
  }
}

/** Whether it is a map. */
export function isFields(value: Value | undefined): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function listed<T>(lists: Map<string, T[]>, key: string): T[] {
  const list = lists.get(key) ?? [];
  lists.set(key, list);
  return list;
}
