import type { Corpus, Fields, Golden, Node, Value } from "./corpus.ts";
import { isFields, nodesOf } from "./corpus.ts";
import { oddNumbers, oddTexts } from "./odd-values.ts";

/** One change: what is done, where, and two numbers to choose with. Every quadruple of natural numbers is one. */
export type Edit = readonly [operation: number, place: number, choice: number, other: number];

/** A golden input after some edits, written out: what `parseCase` reads. */
export function mutantOf(corpus: Corpus, golden: number, edits: readonly Edit[]): string {
  const { asker, objects } = pick(corpus.goldens, golden) ?? empty;
  const mesh: Mesh = { asker: structuredClone(asker), objects: structuredClone([...objects]) };
  for (const [operation, ...numbers] of edits) pick(operations, operation)?.(mesh, corpus, ...numbers);
  return [mesh.asker, ...mesh.objects].map((document) => `${JSON.stringify(document)}\n`).join("---\n");
}

const empty: Golden = { name: "", asker: {}, objects: [] };

interface Mesh {
  asker: Value;
  objects: Fields[];
}

type Operation = (mesh: Mesh, corpus: Corpus, place: number, choice: number, other: number) => void;

function pick<T>(list: readonly T[], number: number): T | undefined {
  return list[number % Math.max(1, list.length)];
}

/** An edit of one value, wherever it stands in the mesh. */
function onNode(edit: (node: Node, corpus: Corpus, choice: number, other: number) => void): Operation {
  return ({ objects }, corpus, place, choice, other) => {
    const node = pick(
      objects.flatMap((object) => nodesOf(object)),
      place,
    );
    if (node) edit(node, corpus, choice, other);
  };
}

function put({ parent, key }: Node, value: Value | undefined): void {
  if (value === undefined) return;
  if (Array.isArray(parent)) parent[Number(key)] = structuredClone(value);
  else parent[key] = structuredClone(value);
}

const drop = onNode(({ parent, key }) => {
  if (Array.isArray(parent)) parent.splice(Number(key), 1);
  else delete parent[key];
});

const duplicate = onNode(({ parent, value }, _corpus, choice) => {
  if (Array.isArray(parent)) parent.push(structuredClone(value));
  else parent[pick(oddTexts, choice) ?? ""] = structuredClone(value);
});

/** Two items of a list, or two fields of a map, in each other's place. */
const swap = onNode((node, _corpus, choice) => {
  const keys = Object.keys(node.parent);
  const other = pick(keys, choice) ?? "";
  const values = node.parent as Fields;
  const { value } = node;
  put(node, values[other]);
  values[other] = value;
});

/** A value that a field of this name has somewhere: other hosts, other modes, other ports. */
const borrow = onNode((node, { values }, choice) => put(node, pick(values.get(node.field) ?? [], choice)));

/** A field or an item that its like has somewhere. */
const adopt = onNode(({ parent, shape }, { members }, choice) => {
  const [field, value] = pick(members.get(shape) ?? [], choice) ?? [];
  if (field === undefined || value === undefined) return;
  if (Array.isArray(parent)) parent.push(structuredClone(value));
  else parent[field] = structuredClone(value);
});

/** Something odd of the value's own type. */
const distort = onNode((node, corpus, choice, other) => {
  const { value } = node;
  if (typeof value === "boolean") return put(node, !value);
  if (typeof value === "number") return put(node, pick(oddNumbers, choice));
  if (typeof value === "string") return put(node, pick(oddTexts, choice));
  if (Array.isArray(value)) return put(node, choice % 2 === 0 ? [] : value.toReversed());
  const inside = value === null ? undefined : pick(nodesOf(value), choice);
  if (inside) put(inside, pick(corpus.values.get(inside.field) ?? [], other));
});

const retypes: readonly Value[] = [null, true, 0, "", [], {}, [null], "1", ["a"], { a: "b" }];
const retype = onNode((node, _corpus, choice) => put(node, pick(retypes, choice)));

const objectGone: Operation = ({ objects }, _corpus, place) => {
  if (objects.length > 0) objects.splice(place % objects.length, 1);
};

const names = ["a", "zz", "cart", "web", "default", "other-name"];
const namespaces = ["default", "shop", "istio-system", "edge", "other", "kube-system"];

/** The same object beside itself, under another name, in another namespace, or both. */
const objectTwice: Operation = ({ objects }, _corpus, place, choice, other) => {
  const object = structuredClone(pick(objects, place));
  const metadata = object?.["metadata"];
  if (!object || !isFields(metadata)) return;
  if (choice % 3 !== 0) metadata["name"] = pick(names, other) ?? "a";
  if (choice % 3 !== 1) metadata["namespace"] = pick(namespaces, other) ?? "a";
  objects.push(object);
};

const objectElsewhere: Operation = ({ objects }, _corpus, place, choice) => {
  const metadata = pick(objects, place)?.["metadata"];
  if (isFields(metadata)) metadata["namespace"] = pick(namespaces, choice) ?? "default";
};

/** All of another golden beside this one. */
const join: Operation = (mesh, { goldens }, place) => {
  mesh.objects.push(...structuredClone([...(pick(goldens, place)?.objects ?? [])]));
};

/** Seen by another proxy. */
const askedBy: Operation = (mesh, { goldens }, place) => {
  mesh.asker = structuredClone(pick(goldens, place)?.asker ?? {});
};

/** Each as often as it should come; the most telling ones often. */
const operations: readonly Operation[] = [
  ...[drop, drop, duplicate, swap, swap, borrow, borrow, borrow, borrow, adopt, adopt, adopt, adopt],
  ...[distort, distort, distort, distort, retype, objectGone, objectTwice, objectTwice, objectElsewhere, join, askedBy],
];
