import { open, readFile, realpath, rename, stat, unlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { isMap, isSeq, parseDocument, stringify } from "yaml";
import type { Problem } from "../lib/index.ts";
import {
  objectKey,
  parseDocuments,
  refOf,
  splitDocuments,
  type DocumentText,
  type MeshObject,
  type ParsedFile,
} from "../model/index.ts";
import { codes } from "./codes.ts";

/** What was written, or why nothing was. */
export interface Applied {
  /** Paths of the files written, each once. */
  readonly files: readonly string[];
  readonly problems: readonly Problem[];
}

/**
 * Writes policy into the tree at `dir`: a document whose object stands in a file already takes its place there and leaves the rest
 * of that file as it is; a new one gets a file of its own, `<kind>-<namespace>-<name>.yaml`. Every file is replaced atomically.
 * Nothing is written when any of `text` is invalid; problems call it `name`. Rejects when the disk refuses.
 */
export async function applyDocuments(
  dir: string,
  text: string,
  objects: readonly MeshObject[],
  name = "input",
): Promise<Applied> {
  const parsed = parseDocuments(text, name);
  if (parsed.problems.some(({ level }) => level === "error")) return { files: [], problems: parsed.problems };
  const known = new Map(objects.map((object) => [objectKey(object), object.origin.file]));
  const isFile = (await stat(dir)).isFile();
  const edits = new Map<string, string>();
  const problems = [...parsed.problems];
  for (const { object, source } of singleDocuments(text)) {
    const key = objectKey(object);
    const home = known.get(key) ?? (isFile ? dir : join(dir, fileNameFor(object)));
    const before = edits.get(home) ?? (await readFile(home, "utf8").catch(() => ""));
    const after = withDocument(before, key, formatFor(home, source), home);
    if (after === undefined) problems.push(listProblem(object, home));
    else if (after !== before) edits.set(home, after);
  }
  if (problems.some(({ level }) => level === "error")) return { files: [], problems };
  for (const [file, content] of edits) await replaceFile(file, content);
  return { files: [...edits.keys()], problems };
}

/** The document's text in the way the file is written. */
function formatFor(file: string, source: string): string {
  if (!file.endsWith(".json")) return source;
  return `${JSON.stringify(parseDocument(source).toJS(), null, 2)}\n`;
}

/** Each object of the input with text of its own; the items of a List are taken apart. */
function singleDocuments(text: string): { readonly object: MeshObject; readonly source: string }[] {
  return splitDocuments(text).flatMap((document) => {
    const { objects } = parseDocuments(document.text, "input");
    const [first] = objects;
    if (first && !isListText(document.text)) return [{ object: first, source: withoutMarker(document.text) }];
    const items = parseDocument(document.text, { uniqueKeys: false }).get("items");
    if (!isSeq(items)) return [];
    return items.items.flatMap((item) => {
      const source = stringify(isMap(item) ? item.toJSON() : item);
      return parseDocuments(source, "input").objects.map((object) => ({ object, source }));
    });
  });
}

function isListText(text: string): boolean {
  const kind = parseDocument(text, { uniqueKeys: false }).get("kind");
  return typeof kind === "string" && kind.endsWith("List");
}

/** The file's text with the object's document replaced, or added at the end; undefined where it stands in a List with others. */
function withDocument(before: string, key: string, source: string, file: string): string | undefined {
  for (const document of splitDocuments(before)) {
    const parsed = parseDocuments(document.text, file);
    if (!says(parsed, key)) continue;
    if (isListText(document.text)) return undefined;
    return (
      before.slice(0, document.offset) +
      inPlaceOf(document, source) +
      before.slice(document.offset + document.text.length)
    );
  }
  const start = before === "" || before.endsWith("\n") ? before : `${before}\n`;
  return splitDocuments(before).length === 0 ? `${start}${withEnd(source)}` : `${start}---\n${withEnd(source)}`;
}

function says({ objects, rejected }: ParsedFile, key: string): boolean {
  return (
    objects.some((object) => objectKey(object) === key) ||
    rejected.some((ref) => `${ref.kind}/${ref.namespace}/${ref.name}` === key)
  );
}

const marker = /^---[ \t]*(?:#[^\n]*)?\r?\n/;

/** The new text with the old one's `---` line before it and its comments above, if it began with any. */
function inPlaceOf(old: DocumentText, source: string): string {
  const line = marker.exec(old.text)?.[0] ?? "";
  return `${line}${withEnd(source)}`;
}

const withoutMarker = (text: string): string => text.replace(/^\s*/, "").replace(marker, "");
const withEnd = (text: string): string => (text.endsWith("\n") ? text : `${text}\n`);

function listProblem(object: MeshObject, file: string): Problem {
  return {
    code: codes.notWritable,
    level: "error",
    message: "stands in a List, which is not edited in place",
    object: refOf(object),
    position: { file, line: 1, column: 1 },
    hint: "write the List as documents between --- lines",
  };
}

/** Names are checked when parsed; what is no letter, digit, dash or dot still never reaches a path. */
function fileNameFor({ kind, metadata: { namespace, name } }: MeshObject): string {
  const parts = [kind, namespace, name].filter((part) => part !== "");
  return `${parts
    .join("-")
    .toLowerCase()
    .replace(/[^a-z0-9.-]/g, "_")
    .slice(0, 200)}.yaml`;
}

/** Readers see the old text or the new, never a part: written beside it, flushed, then renamed over it. */
async function replaceFile(file: string, content: string): Promise<void> {
  const path = await realpath(file).catch(() => file);
  const mode = await stat(path).then(
    ({ mode }) => mode & 0o777,
    () => 0o644,
  );
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.tmp`);
  try {
    const handle = await open(temporary, "w", mode);
    try {
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await unlink(temporary).catch(() => undefined);
    throw error;
  }
  const folder = await open(dirname(path), "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
