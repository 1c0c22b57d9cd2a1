import { isList, isObject, type Json, type JsonObject } from "./decode.ts";
import { nameOf, renderSections, sectionNames, withoutType, type Section } from "./render.ts";
import { emptyMesh, once, referenceMesh, shortName } from "./reference-mesh.ts";

/** Shorter blocks say more than a word about them would. */
export const leastLength = 64;

/** A block of the reference mesh: how it reads, and the word that stands for it. */
export interface Usual {
  readonly word: string;
  readonly value: Json;
}

/** The distinct blocks of the reference mesh by the field they stand under (`filters`; `filters[]` for an item of the list). */
export type UsualBlocks = ReadonlyMap<string, readonly Usual[]>;

/** All blocks of the reference mesh, and of the empty one (`bare`), that are long enough to be worth a word. */
export const usualBlocks = once((): UsualBlocks => {
  const byField = Map.groupBy([...everyBlock()], ({ field }) => field);
  return new Map([...byField].map(([field, blocks]) => [field, named(blocks)]));
});

/** Every resource of the reference mesh by its short name, and what a sidecar with no port at all has instead. */
export function usualResources(section: Section): ReadonlyMap<string, JsonObject> {
  const found = new Map<string, JsonObject>();
  for (const { name, json } of renderSections(referenceMesh())[section]) found.set(shortName(name), withoutType(json));
  for (const { name, json } of renderSections(emptyMesh())[section]) {
    const same = JSON.stringify(found.get(name)) === JSON.stringify(withoutType(json));
    if (!same) found.set(`bare ${name}`, withoutType(json));
  }
  return found;
}

interface Block {
  readonly field: string;
  readonly text: string;
  readonly value: Json;
  readonly resource: string;
  readonly part: string; // the nearest thing around it that has a name
}

/** `usual` where the field has one usual value; else `usual of` the resource, or the part of it, that has this one. */
function named(blocks: readonly Block[]): Usual[] {
  const distinct = [...Map.groupBy(blocks, ({ text }) => text).values()].flatMap(([first]) => first ?? []);
  if (distinct.length === 1) return distinct.map(({ value }) => ({ word: "usual", value }));
  const taken = new Set<string>();
  return distinct.map(({ resource, part, value }) => {
    const candidates = [resource, `${resource}/${part}`];
    for (let next = 2; next <= distinct.length + 1; next++) candidates.push(`${resource}/${part}, ${next}`);
    const label = candidates.find((text) => !taken.has(text)) ?? resource;
    taken.add(label);
    return { word: `usual of ${label}`, value };
  });
}

function* everyBlock(): Generator<Block> {
  for (const section of sectionNames) {
    for (const [name, json] of usualResources(section)) yield* blocksOf(`${section}[]`, json, name, name);
  }
}

function* blocksOf(field: string, value: Json, resource: string, part: string): Generator<Block> {
  if (!isList(value) && !isObject(value)) return;
  const here = isObject(value) && nameOf(value) ? shortName(nameOf(value)) + wayIn(value) : part;
  const text = JSON.stringify(value);
  if (text.length >= leastLength) yield { field, text, value, resource, part: here };
  if (isList(value)) for (const item of value) yield* blocksOf(`${field}[]`, item, resource, here);
  else for (const [inner, content] of Object.entries(value)) yield* blocksOf(inner, content, resource, here);
}

/** Filter chains of one port have one name: what tells them apart is how the connection is protected. */
function wayIn(value: JsonObject): string {
  const match = value["filterChainMatch"];
  const transport = isObject(match) ? match["transportProtocol"] : undefined;
  if (transport === "raw_buffer") return " plaintext";
  if (transport === "tls") return value["transportSocket"] === undefined ? " TLS passed on" : " mTLS";
  return "";
}
