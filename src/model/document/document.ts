import type { Problem } from "../../lib/index.ts";
import { codes } from "../codes.ts";
import { Place, Report } from "../report.ts";
import { isTooDeep, maxDepth } from "./depth.ts";
import { DocumentOrigin, parseTree, positionAt, type Tree } from "./origin.ts";
import type { DocumentText } from "./split.ts";
import { ValueReader } from "./value.ts";

/** One object as it stands in a document, not yet looked into. */
export interface RawObject {
  readonly value: unknown;
  readonly origin: DocumentOrigin;
  /** Set when the text itself is broken; the value then holds what could be read, to name the object. */
  readonly report: Report;
}

/** Reads one document: a single object, or the items of a Kubernetes List. Problems here belong to no object. */
export function readDocument(
  document: DocumentText,
  file: string,
): { readonly objects: readonly RawObject[]; readonly problems: readonly Problem[] } {
  if (isTooDeep(document.text)) {
    const position = { file, line: document.line + 1, column: 1 };
    const message = `lists and maps nest deeper than ${maxDepth}`;
    return { objects: [], problems: [{ code: codes.tooDeep, level: "error", message, position }] };
  }
  const tree = parseTree(document.text);
  const report = new Report();
  const value = new ValueReader().read(tree.contents, new Place(report));
  const problems = syntaxProblems(tree, document, file);
  const failed = problems.length > 0 || report.failed;
  if (problems.length > 0) report.failed = true;
  const found = objectsOf(value, document, file);
  // What is wrong with one object of a List is nothing against the others.
  if (!failed) return { objects: found.map((one) => ({ ...one, report: new Report() })), problems };
  if (found.length === 1) return { objects: found.map((one) => ({ ...one, report })), problems };
  // A broken List: nothing of it is taken, and the problems are told once.
  const origin = new DocumentOrigin(file, document);
  return { objects: [], problems: [...problems, ...report.problems(origin)] };
}

function syntaxProblems(tree: Tree, document: DocumentText, file: string): readonly Problem[] {
  return tree.faults.map(({ offset, message }) => {
    return { code: codes.syntax, level: "error", message, position: positionAt(file, document, tree, offset) };
  });
}

function objectsOf(value: unknown, document: DocumentText, file: string): Omit<RawObject, "report">[] {
  const items = listItems(value);
  if (!items) return [{ value, origin: new DocumentOrigin(file, document) }];
  return items.map((item, index) => ({ value: item, origin: new DocumentOrigin(file, document, ["items", index]) }));
}

/** The items of `kind: List`, or of a typed list such as ServiceList. */
function listItems(value: unknown): readonly unknown[] | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  const { kind, items } = value as { kind?: unknown; items?: unknown };
  return typeof kind === "string" && kind.endsWith("List") && Array.isArray(items) ? items : undefined;
}
