import { open, readFile } from "node:fs/promises";
import type { Problem } from "../lib/index.ts";
import { maxFileBytes, parseDocuments, type KnownFile, type MeshObject, type ParsedFile } from "../model/index.ts";
import { codes } from "./codes.ts";
import { listFiles, statOf, type FileStat } from "./files.ts";
import { ObjectTable } from "./object-table.ts";

/** What a file said, and the state in which it said so: equal before and after reading. */
export interface ReadFile {
  readonly parsed: ParsedFile;
  /** Undefined when the file could not be opened. */
  readonly stat?: FileStat;
}

/** Reads one file and parses what is not in `known`. Undefined when it changed meanwhile or is gone: look again. Never rejects. */
export async function readPolicy(path: string, known?: KnownFile): Promise<ReadFile | undefined> {
  try {
    await using file = await open(path, "r");
    const before = statOf(await file.stat({ bigint: true }));
    if (before.size > maxFileBytes)
      return { stat: before, parsed: unreadable(path, `is larger than ${maxFileBytes / 1024} KiB`) };
    const bytes = await file.readFile();
    const after = statOf(await file.stat({ bigint: true }));
    if (before.signature !== after.signature || bytes.length !== after.size) return undefined;
    return { stat: after, parsed: parseBytes(bytes, path, known) };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    if (code === "ENOENT") return undefined;
    return { parsed: unreadable(path, `cannot be read: ${code}`) };
  }
}

function parseBytes(bytes: Buffer, path: string, known: KnownFile | undefined): ParsedFile {
  // A writer that ran out of disk leaves an empty file; nobody writes one to take policy back.
  if (bytes.length === 0) return unreadable(path, "is empty: delete it to remove what it said", "warning");
  try {
    return parseDocuments(new TextDecoder("utf-8", { fatal: true }).decode(bytes), path, known);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return unreadable(path, "is not UTF-8 text");
  }
}

function unreadable(file: string, message: string, level: Problem["level"] = "error"): ParsedFile {
  const problem: Problem = { code: codes.unreadable, level, message, position: { file, line: 1, column: 1 } };
  return { objects: [], rejected: [], unreadable: true, problems: [problem] };
}

const filesAtOnce = 32;

/** Reads a tree of policy, or one file, once. Rejects when the path itself cannot be read. */
export async function readDirectory(
  path: string,
): Promise<{ readonly objects: readonly MeshObject[]; readonly problems: readonly Problem[] }> {
  const table = new ObjectTable();
  const files = [...(await listFiles(path)).files.keys()];
  for (let at = 0; at < files.length; at += filesAtOnce)
    await Promise.all(
      files.slice(at, at + filesAtOnce).map(async (file) => {
        const read = (await readPolicy(file)) ?? (await readPolicy(file));
        if (read) table.apply(file, read.parsed);
      }),
    );
  return { objects: table.objects(), problems: table.problems() };
}

/** The texts of a tree of policy by path, for what is no object of the mesh in them. What cannot be read is left out: `readDirectory` tells of it. */
export async function readTexts(path: string): Promise<ReadonlyMap<string, string>> {
  const texts = new Map<string, string>();
  for (const [file, { size }] of (await listFiles(path)).files) {
    if (size > maxFileBytes) continue;
    const text = await readFile(file, "utf8").catch(() => undefined);
    if (text !== undefined) texts.set(file, text);
  }
  return texts;
}
