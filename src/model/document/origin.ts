import { isMap, isScalar, isSeq, LineCounter, parseDocument, type Document, type Node } from "yaml";
import type { Position } from "../../lib/index.ts";
import type { FieldPath, Origin } from "../object.ts";
import type { DocumentText } from "./split.ts";

/** A parsed document, and where its lines start. */
export interface Tree {
  readonly document: Document.Parsed;
  readonly lines: LineCounter;
}

/** Parses one document's text; its errors are in `document.errors`. Bound depth and size before. */
export function parseTree(text: string): Tree {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: false,
    logLevel: "silent",
  });
  return { document: document, lines };
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
export function positionIn(file: string, document: DocumentText, tree: Tree, path: FieldPath): Position {
  const { line, col } = tree.lines.linePos(offsetOf(tree.document, path));
  return { file, line: document.line + Math.max(1, line), column: Math.max(1, col) };
}

function offsetOf(document: Document.Parsed, path: FieldPath): number {
  let node: unknown = document.contents;
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
