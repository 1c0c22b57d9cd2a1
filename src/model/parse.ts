import { isDeepStrictEqual } from "node:util";
import type { ObjectRef, Problem } from "../lib/index.ts";
import { ApiOrigin } from "./api-origin.ts";
import { codes } from "./codes.ts";
import { readDocument, type RawObject } from "./document/document.ts";
import { DocumentOrigin } from "./document/origin.ts";
import { splitDocuments } from "./document/split.ts";
import type { Fields, KindDefinition } from "./kind.ts";
import { kindFor, reportUnknownKind } from "./kinds.ts";
import { meshConfigIn } from "./mesh-config/config-map.ts";
import { KnownDocuments, maxProblems, type KnownFile } from "./known-documents.ts";
import { tellMetadata } from "./istio-metadata/tell.ts";
import { parseMetadata, textOf } from "./metadata.ts";
import { byCreation, objectKey, type Origin } from "./object.ts";
import { copyValue } from "./document/copy.ts";
import { Place, Report } from "./report.ts";
import type { MeshObject } from "./types.ts";

/** No file of policy is larger; a parser would be busy with one too long. */
export const maxFileBytes = 1024 * 1024;
const maxDocuments = 5000;
const nothing: KnownFile = { objects: [], problems: [] };

/** What a file says. Objects are frozen. */
export interface ParsedFile {
  readonly objects: readonly MeshObject[];
  /** Objects that have a name and are not valid. */
  readonly rejected: readonly ObjectRef[];
  /** Some of the text could not be read: an object that is missing here may stand there. */
  readonly unreadable: boolean;
  readonly problems: readonly Problem[];
}

/** What one document or one object of the Kubernetes API says. Neither object nor rejected: a kind we have no use for. */
export interface ParsedObject {
  /** It may be the beginning of something else: `kind: Serv` without a name is a Service cut off (FAULTS F24). */
  readonly unfinished?: boolean;
  readonly object?: MeshObject;
  readonly rejected?: ObjectRef;
  readonly problems: readonly Problem[];
}

/**
 * Reads multi-document YAML or JSON, strictly and within bounds: size, depth and aliases before and in the parser, unknown fields,
 * duplicate keys and doubtful numbers after it. Never throws; an object with an error is rejected whole. `known`: what the same file
 * said before; its documents that stand here unchanged are not parsed again.
 */
export function parseDocuments(text: string, file: string, known: KnownFile = nothing): ParsedFile {
  const start = { file, line: 1, column: 1 };
  const refuse = (message: string): ParsedFile => {
    const problem: Problem = { code: codes.tooLarge, level: "error", message, position: start };
    return { objects: [], rejected: [], unreadable: true, problems: [problem] };
  };
  // UTF-8 needs at least as many bytes as the text has UTF-16 units, and at most three times as many.
  if (text.length > maxFileBytes || (text.length * 3 > maxFileBytes && Buffer.byteLength(text) > maxFileBytes))
    return refuse(`the file is larger than ${maxFileBytes / 1024} KiB`);
  const documents = splitDocuments(text);
  if (documents.length > maxDocuments) return refuse(`the file has more than ${maxDocuments} documents`);

  const found: MeshObject[] = [];
  const rejected: ObjectRef[] = [];
  const problems: Problem[] = [];
  let unreadable = false;
  const unchanged = new KnownDocuments(known);
  for (const document of documents) {
    const same = unchanged.take(document);
    if (same) {
      found.push(...same);
      continue;
    }
    const read = readDocument(document, file);
    problems.push(...read.problems);
    for (const raw of read.objects) {
      const parsed = parseRaw(raw);
      problems.push(...parsed.problems);
      if (parsed.object) found.push(parsed.object);
      else if (parsed.rejected) rejected.push(parsed.rejected);
      else if (parsed.unfinished || hasError(parsed.problems)) unreadable = true;
    }
    if (hasError(read.problems)) unreadable = true;
  }
  const { objects, problems: duplicates } = withoutDuplicates(found);
  problems.push(...duplicates);
  return { objects, rejected, unreadable, problems: problems.slice(0, maxProblems) };
}

/** One object that is decoded already, as the Kubernetes API gives it. */
export function parseObject(raw: unknown, origin: Origin): ParsedObject {
  const report = new Report();
  return checkObject(copyValue(raw, new Place(report)), origin, report);
}

/** True when two versions of an object say the same, wherever they are written. */
export function isSameObject(a: MeshObject, b: MeshObject): boolean {
  return (
    a.kind === b.kind &&
    a.apiVersion === b.apiVersion &&
    isDeepStrictEqual(a.metadata, b.metadata) &&
    isDeepStrictEqual(a.spec, b.spec)
  );
}

/** Lets `kept` point to the place where its equal `fresh` was read. Both keep their identity. */
export function moveOrigin(kept: MeshObject, fresh: MeshObject): void {
  if (kept.origin === fresh.origin) return;
  if (kept.origin instanceof DocumentOrigin && fresh.origin instanceof DocumentOrigin) kept.origin.moveTo(fresh.origin);
  if (kept.origin instanceof ApiOrigin && fresh.origin instanceof ApiOrigin) kept.origin.moveTo(fresh.origin);
}

/** The problem of an object that another one of the same name keeps out. */
export function duplicateProblem(loser: MeshObject, winner: MeshObject): Problem {
  const { file, line } = winner.origin.at(["metadata", "name"]);
  return {
    code: codes.duplicate,
    level: "error",
    message: `another ${loser.kind} has the same name: ${file}:${line} holds`,
    object: refOf(loser),
    position: loser.origin.at(["metadata", "name"]),
    field: "metadata.name",
    hint: "the older one holds, then the first by path and line",
  };
}

/** The name of an object. */
export function refOf({ kind, metadata: { namespace, name } }: MeshObject): ObjectRef {
  return { kind, namespace, name };
}

const hasError = (problems: readonly Problem[]): boolean => problems.some(({ level }) => level === "error");

/** The first of each name: the oldest, then the one written first. */
function withoutDuplicates(objects: readonly MeshObject[]): { objects: MeshObject[]; problems: Problem[] } {
  const winners = new Map<string, MeshObject>();
  const problems: Problem[] = [];
  for (const object of objects) {
    const key = objectKey(object);
    const other = winners.get(key);
    if (!other) winners.set(key, object);
    else if (byCreation(object, other) < 0) {
      winners.set(key, object);
      problems.push(duplicateProblem(other, object));
    } else problems.push(duplicateProblem(object, other));
  }
  return { objects: [...winners.values()], problems };
}

function parseRaw({ value, origin, report }: RawObject): ParsedObject {
  return checkObject(value, origin, report);
}

function checkObject(value: unknown, origin: Origin, report: Report): ParsedObject {
  const place = new Place(report);
  const raw = meshConfigIn(value, place);
  if (raw.inside) origin = origin instanceof DocumentOrigin ? origin.inside(raw.inside) : origin;
  const apiVersion = textOf(raw.value, "apiVersion");
  const kind = textOf(raw.value, "kind");
  if (apiVersion === undefined || kind === undefined) {
    if (!report.failed) place.error(codes.notAnObject, "is no Kubernetes object: apiVersion and kind are missing");
    return { problems: report.problems(origin) };
  }
  const definition = kindFor(kind, apiVersion);
  if (!definition) {
    reportUnknownKind(kind, apiVersion, place);
    const unfinished = textOf((raw.value as Fields).metadata, "name") === undefined;
    return { unfinished, problems: report.problems(origin) };
  }
  return checkKind(raw.value as Fields, definition, apiVersion, origin, place);
}

function checkKind(
  raw: Fields,
  definition: KindDefinition,
  apiVersion: string,
  origin: Origin,
  place: Place,
): ParsedObject {
  const { report } = place;
  const { kind } = definition;
  const metadata = parseMetadata(raw.metadata, place.at("metadata"), definition.metadata);
  if (!report.failed) tellMetadata(kind, metadata, place.at("metadata"));
  const spec = report.failed ? undefined : definition.parse(raw, place, metadata);
  const ref: ObjectRef = { kind, namespace: metadata.namespace, name: metadata.name };
  const problems = report.problems(origin, ref);
  if (report.failed || spec === undefined) return { ...(metadata.name !== "" && { rejected: ref }), problems };
  const object = Object.freeze({ kind, apiVersion, metadata: deepFreeze(metadata), spec: deepFreeze(spec), origin });
  return { object: object as MeshObject, problems };
}

function deepFreeze<T>(value: T): T {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  for (const child of Object.values(value)) deepFreeze(child);
  return Object.freeze(value);
}
