import { isAlias, isMap, isScalar, isSeq, type Node, type Pair, type Scalar, type YAMLMap } from "yaml";
import { bareObject } from "../../lib/index.ts";
import { codes } from "../codes.ts";
import type { Place } from "../report.ts";

/** More values than any policy has; an alias counts as all it stands for. */
const maxValues = 200_000;
const maxAliases = 100;

/** Keys that change what an object inherits in JavaScript (FAULTS F28). No policy has a use for them. */
export const forbiddenKeys: ReadonlySet<string> = new Set(["__proto__", "constructor", "prototype"]);

interface Anchored {
  readonly value: unknown;
  readonly size: number;
}

/**
 * Plain values from a parsed document, reporting what YAML lets through and a policy must not: duplicate keys, keys that are not
 * text, numbers that are not what they look like. Objects have no prototype. (The parser's own conversion compares every key with
 * every other, which a hostile file turns into minutes.)
 */
export class ValueReader {
  readonly #anchors = new Map<string, Anchored>();
  #values = 0;
  #aliases = 0;

  read(contents: unknown, place: Place): unknown {
    return this.#node(contents, place);
  }

  #node(node: unknown, place: Place): unknown {
    if (node === null || node === undefined) return null;
    const before = this.#values++;
    if (this.#values > maxValues) {
      if (!place.report.failed) place.error(codes.tooLarge, `the document has more than ${maxValues} values`);
      return null;
    }
    if (isAlias(node)) return this.#alias(node.source, place);
    const value = this.#plain(node, place);
    const anchor = (node as { anchor?: string }).anchor;
    if (anchor !== undefined) this.#anchors.set(anchor, { value, size: this.#values - before });
    return value;
  }

  #plain(node: unknown, place: Place): unknown {
    if (isMap(node)) return this.#map(node, place);
    if (isSeq(node)) return node.items.map((item, index) => this.#node(item, place.at(index)));
    if (isScalar(node)) return checkScalar(node, place);
    place.error(codes.syntax, "cannot be read");
    return null;
  }

  #alias(name: string, place: Place): unknown {
    const anchored = this.#anchors.get(name);
    if (!anchored) return place.error(codes.alias, `no anchor "${name}" is complete before this alias`);
    this.#values += anchored.size;
    if (++this.#aliases > maxAliases || this.#values > maxValues)
      return place.error(codes.alias, `aliases stand for too much; at most ${maxAliases} in a document`);
    return anchored.value;
  }

  #map(map: YAMLMap, place: Place): unknown {
    const fields = bareObject();
    const merged: unknown[] = [];
    for (const pair of map.items) {
      const key = keyOf(pair, place);
      if (key === undefined) continue;
      if (isMerge(pair)) merged.push(this.#node(pair.value, place.at(key)));
      else if (key in fields) place.at(key).error(codes.duplicateKey, "stands twice", "keep one of them");
      else fields[key] = this.#node(pair.value, place.at(key));
    }
    for (const source of merged.flat()) mergeInto(fields, source, place);
    return fields;
  }
}

const isMerge = (pair: Pair): boolean => isScalar(pair.key) && pair.key.value === "<<" && pair.key.type === "PLAIN";

/** Fields of a merge key (`<<: *defaults`) that the map does not have itself. */
function mergeInto(fields: Record<string, unknown>, source: unknown, place: Place): void {
  if (typeof source !== "object" || source === null || Array.isArray(source))
    return place.at("<<").error(codes.wrongType, "must be a set of fields, or an alias of one");
  for (const [key, value] of Object.entries(source)) if (!(key in fields)) fields[key] = value;
}

function keyOf(pair: Pair, place: Place): string | undefined {
  const key = pair.key as Node | null;
  if (!isScalar(key) || key.value === null) {
    place.error(codes.syntax, "a key must be text", "quote keys that hold brackets or braces");
    return undefined;
  }
  const text = typeof key.value === "string" ? key.value : (key.source ?? "");
  if (forbiddenKeys.has(text)) {
    place.error(codes.forbiddenKey, `the key "${text}" is not allowed`);
    return undefined;
  }
  checkText(text, place);
  return text;
}

function checkScalar(scalar: Scalar, place: Place): unknown {
  const { value } = scalar;
  if (typeof value === "string") checkText(value, place);
  if (typeof value === "bigint") place.error(codes.number, "the number is too large to be exact");
  if (typeof value === "number") return checkNumber(value, scalar.source ?? "", place);
  return value;
}

function checkNumber(value: number, source: string, place: Place): number {
  if (!Number.isFinite(value)) place.error(codes.number, `${source} is not a finite number`);
  else if (/^[-+]?0[0-9]/.test(source))
    place.error(codes.number, `${source} may be octal or decimal`, `write it without the leading zero, or in quotes`);
  else if (Math.abs(value) > Number.MAX_SAFE_INTEGER) place.error(codes.number, `${source} is too large to be exact`);
  return value === 0 ? 0 : value;
}

/** NUL ends a string in C++ and is no text; half a surrogate pair cannot be encoded. */
export function checkText(text: string, place: Place): void {
  if (text.includes("\0") || !text.isWellFormed()) place.error(codes.text, "holds a character that is not text");
}
