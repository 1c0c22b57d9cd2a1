import { Composer, isMap, isScalar, isSeq, LineCounter, Parser, type Document, type Node } from "yaml";
import type { Position } from "../../lib/index.ts";
import type { FieldPath, Origin } from "../object.ts";
import type { DocumentText } from "./split.ts";

/** Something that is not YAML. */
export interface Fault {
  readonly offset: number;
  readonly message: string;
}

/** A parsed document, where its lines start, and what is wrong with it. */
export interface Tree {
  /** The top node; null where there is none. */
  readonly contents: unknown;
  readonly lines: LineCounter;
  readonly faults: readonly Fault[];
}

/** More faults of syntax tell nobody more; a megabyte of commas has a million, each of which costs. */
const maxFaults = 10;

class TooManyFaults extends Error {}

/** Parses one document's text; what is wrong with it is in the tree. Bound depth and size before. */
export function parseTree(text: string): Tree {
  const lines = new LineCounter();
  const faults: Fault[] = [];
  const tell = (offset: number, message: string): void => {
    // On its way out the composer catches what is thrown and tells it again, level by level.
    if (faults.length < maxFaults) faults.push({ offset, message });
    if (faults.length >= maxFaults) throw new TooManyFaults();
  };
  const composer = new Composer({ uniqueKeys: false, logLevel: "silent" });
  // The composer's own list has no end. It calls this for each fault of structure; origin.test.ts holds it to that.
  const handler: ComposeErrorHandler = (source, _code, message) => tell(offsetIn(source), message);
  Object.assign(composer, { onError: handler });
  let contents: unknown = null;
  let documents = 0;
  const take = (document: Document): void => {
    if (++documents > 1) tell(document.range?.[0] ?? 0, "a second document stands here");
    else contents = document.contents;
    for (const { pos, message } of [...document.errors, ...document.warnings]) tell(pos[0], message);
  };
  try {
    for (const token of new Parser(lines.addNewLine).parse(text)) {
      if (token.type === "error") tell(token.offset, token.message);
      else for (const document of composer.next(token)) take(document);
    }
    for (const document of composer.end()) take(document);
  } catch (error) {
    if (!(error instanceof TooManyFaults)) throw error;
  }
  return { contents, lines, faults };
}

type ComposeErrorHandler = (source: FaultSource, code: string, message: string) => void;
type FaultSource = number | readonly [number, number] | { readonly offset: number };

function offsetIn(source: FaultSource): number {
  if (typeof source === "number") return source;
  return "offset" in source ? source.offset : source[0];
}

/** The tree asked for last: questions about one object come together. */
let latest: { readonly text: string; readonly tree: Tree } | undefined;

/** Where an object was written. It keeps the text and parses it again when somebody asks, which is rare. */
export class DocumentOrigin implements Origin {
  readonly file: string;
  #document: DocumentText;
  #base: FieldPath;
  readonly #opaque: boolean;

  /** `base` leads to the object inside the document (an item of a List); `opaque`: it is written inside a string there. */
  constructor(file: string, document: DocumentText, base: FieldPath = [], opaque = false) {
    this.file = file;
    this.#document = document;
    this.#base = base;
    this.#opaque = opaque;
  }

  at(path: FieldPath): Position {
    const { text } = this.#document;
    if (latest?.text !== text) latest = { text, tree: parseTree(text) };
    return positionIn(this.file, this.#document, latest.tree, this.#opaque ? this.#base : [...this.#base, ...path]);
  }

  /** The same place for an object that is written inside the string at `path`. */
  inside(path: FieldPath): DocumentOrigin {
    return new DocumentOrigin(this.file, this.#document, [...this.#base, ...path], true);
  }

  /** The same place in a document that has moved. */
  movedTo(document: DocumentText): DocumentOrigin {
    return new DocumentOrigin(this.file, document, this.#base, this.#opaque);
  }

  /** Takes over another origin's place in the file, after the lines around an unchanged object have moved. */
  moveTo(other: DocumentOrigin): void {
    this.#document = other.#document;
    this.#base = other.#base;
  }

  /** The whole document it stands in. */
  get document(): DocumentText {
    return this.#document;
  }
}

/** The position of a field, or of its nearest parent that is there. */
function positionIn(file: string, document: DocumentText, tree: Tree, path: FieldPath): Position {
  return positionAt(file, document, tree, offsetOf(tree.contents, path));
}

/** The position of a character of the document. */
export function positionAt(file: string, document: DocumentText, tree: Tree, offset: number): Position {
  const { line, col } = tree.lines.linePos(offset);
  return { file, line: document.line + Math.max(1, line), column: Math.max(1, col) };
}

function offsetOf(contents: unknown, path: FieldPath): number {
  let node = contents;
  let offset = startOf(node) ?? 0;
  for (const step of path) {
    if (isSeq(node) && typeof step === "number") {
      node = node.items[step];
      offset = startOf(node) ?? offset;
    } else if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && (key.value === step || key.source === String(step)));
      if (!pair) return offset;
      offset = startOf(pair.key) ?? offset;
      node = pair.value;
    } else return offset;
  }
  return offset;
}

const startOf = (node: unknown): number | undefined => (node as Node | null | undefined)?.range?.[0];
