import type { Problem } from "../lib/index.ts";
import { DocumentOrigin } from "./document/origin.ts";
import { countLines, type DocumentText } from "./document/split.ts";
import type { MeshObject } from "./types.ts";

/** What a file said when it was read last. */
export interface KnownFile {
  readonly objects: readonly MeshObject[];
  readonly problems: readonly Problem[];
}

/** No file tells of more. */
export const maxProblems = 1000;

/**
 * The documents, by their text, of which nothing was told, in a file without errors. One that stands in the file again, wherever, says the same again:
 * so of a large file only the documents that were changed are parsed.
 */
export class KnownDocuments {
  readonly #byText = new Map<string, MeshObject[]>();

  constructor({ objects, problems }: KnownFile) {
    // Beside an error objects are kept of which the file's documents say nothing any more, so that a document may seem to hold fewer than it does.
    // Of what was cut off, or said of no place, nobody knows where it belongs.
    const isWhole = problems.every(({ level, position }) => level !== "error" && position !== undefined);
    if (!isWhole || problems.length >= maxProblems) return;
    const troubled = problems.map(({ position }) => position?.line ?? 0);
    for (const object of objects) {
      if (!(object.origin instanceof DocumentOrigin)) continue;
      const { text, line } = object.origin.document;
      const last = line + 1 + (troubled.length > 0 ? countLines(text, 0, text.length) : 0);
      if (troubled.some((at) => at > line && at <= last)) continue;
      const same = this.#byText.get(text);
      if (same) same.push(object);
      else this.#byText.set(text, [object]);
    }
  }

  /** The objects of a document at its place of now, once: two equal documents are one too many. Undefined where it must be parsed. */
  take(document: DocumentText): readonly MeshObject[] | undefined {
    const objects = this.#byText.get(document.text);
    this.#byText.delete(document.text);
    return objects?.map((object) =>
      Object.freeze({ ...object, origin: (object.origin as DocumentOrigin).movedTo(document) }),
    );
  }
}
