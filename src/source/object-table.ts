import { isDeepStrictEqual } from "node:util";
import { byCodeUnit, placeIn, type ObjectRef, type Problem } from "../lib/index.ts";
import {
  byCreation,
  duplicateProblem,
  isSameObject,
  moveOrigin,
  objectKey,
  refOf,
  type KnownFile,
  type MeshObject,
  type ParsedFile,
} from "../model/index.ts";
import { codes } from "./codes.ts";

interface FileState {
  readonly objects: ReadonlyMap<string, MeshObject>;
  readonly problems: readonly Problem[];
}

/**
 * The last valid version of every object, by file. A broken edit is reported and changes nothing else; an object whose text says
 * the same keeps its identity. The only mutable state of the source room.
 */
export class ObjectTable {
  readonly #files = new Map<string, FileState>();
  #objects: readonly MeshObject[] = [];
  /** Names have come or gone since `#objects` was made, or several objects have one. */
  #isStale = false;
  /** Else these have taken the places of older versions. */
  readonly #replaced = new Map<string, MeshObject>();
  #problems: readonly Problem[] | undefined = [];
  #duplicates: readonly Problem[] = [];
  #sorted: readonly string[] | undefined;

  /**
   * Takes over what a file says now. While any of it is broken nothing is removed: a file cut off in the middle must not take
   * back a policy that stood below (FAULTS F24).
   */
  apply(file: string, parsed: ParsedFile): void {
    const before = this.#files.get(file)?.objects ?? new Map<string, MeshObject>();
    const objects = new Map<string, MeshObject>();
    for (const fresh of parsed.objects) {
      const key = objectKey(fresh);
      const kept = before.get(key);
      const isSame = kept !== undefined && isSameObject(kept, fresh);
      if (isSame) moveOrigin(kept, fresh);
      objects.set(key, isSame ? kept : fresh);
    }
    const problems = [...parsed.problems];
    if (parsed.unreadable || parsed.rejected.length > 0) {
      const rejected = new Set(parsed.rejected.map(keyOf));
      for (const [key, object] of before) {
        if (objects.has(key)) continue;
        objects.set(key, object);
        if (!rejected.has(key)) problems.push(keptProblem(object, file));
      }
    }
    const known = this.#files.get(file);
    if (!known) this.#sorted = undefined;
    this.#files.set(file, { objects, problems });
    this.#replace(before, objects);
    if (!known || !isDeepStrictEqual(known.problems, problems)) this.#problems = undefined;
  }

  /** Reports that a file cannot be read; what it said last stays. */
  fail(file: string, problem: Problem): void {
    this.apply(file, { objects: [], rejected: [], unreadable: true, problems: [problem] });
  }

  /** Forgets a file and all that it said. */
  remove(file: string): void {
    if (!this.#files.delete(file)) return;
    this.#sorted = this.#problems = undefined;
    this.#isStale = true;
  }

  /** What a file says, or said last where it is broken now. */
  known(file: string): KnownFile {
    const state = this.#files.get(file);
    return { objects: [...(state?.objects.values() ?? [])], problems: state?.problems ?? [] };
  }

  /** True when something that a file says, or said last, is valid. */
  holds(file: string): boolean {
    return (this.#files.get(file)?.objects.size ?? 0) > 0;
  }

  /** The files that were read, sorted. */
  files(): readonly string[] {
    return (this.#sorted ??= [...this.#files.keys()].sort(byCodeUnit));
  }

  /** Every object, sorted by kind, namespace and name: the same array while nothing changes. */
  objects(): readonly MeshObject[] {
    if (this.#isStale) this.#objects = this.#winners();
    else if (this.#replaced.size > 0) this.#objects = withReplaced(this.#objects, this.#replaced);
    this.#isStale = false;
    this.#replaced.clear();
    return this.#objects;
  }

  /** Every problem, by file in order, and as they stand there. */
  problems(): readonly Problem[] {
    this.objects();
    return (this.#problems ??= [
      ...this.files().flatMap((file) => this.#files.get(file)?.problems ?? []),
      ...this.#duplicates,
    ]);
  }

  /** Notes what a file says in place of what it said before. */
  #replace(before: ReadonlyMap<string, MeshObject>, objects: ReadonlyMap<string, MeshObject>): void {
    const changed = [...objects].filter(([key, object]) => before.get(key) !== object);
    if (changed.length === 0 && before.size === objects.size) return;
    const isSameNames = before.size === objects.size && changed.every(([key]) => before.has(key));
    if (isSameNames && this.#duplicates.length === 0) {
      for (const [key, object] of changed) this.#replaced.set(key, object);
      return;
    }
    this.#isStale = true;
    this.#problems = undefined;
  }

  /** One object for each key: the oldest, then the first by path. */
  #winners(): readonly MeshObject[] {
    const winners = new Map<string, MeshObject>();
    const losers: MeshObject[] = [];
    for (const file of this.files())
      for (const [key, object] of this.#files.get(file)?.objects ?? []) {
        const other = winners.get(key);
        if (!other || byCreation(object, other) < 0) winners.set(key, object);
        if (other) losers.push(winners.get(key) === object ? other : object);
      }
    this.#duplicates = losers.map((loser) => duplicateProblem(loser, winners.get(objectKey(loser)) ?? loser));
    return [...winners.entries()].sort(([a], [b]) => byCodeUnit(a, b)).map(([, object]) => object);
  }
}

const keyOf = ({ kind, namespace, name }: ObjectRef): string => `${kind}/${namespace}/${name}`;

function keptProblem(object: MeshObject, file: string): Problem {
  return {
    code: codes.kept,
    level: "info",
    message: "is not in the file any more; it stays until the errors of the file are mended",
    object: refOf(object),
    position: { file, line: 1, column: 1 },
  };
}

/** The list, which is sorted by key, with these in the places of those of their names. */
function withReplaced(
  objects: readonly MeshObject[],
  replaced: ReadonlyMap<string, MeshObject>,
): readonly MeshObject[] {
  const next = [...objects];
  for (const [key, object] of replaced) {
    const at = placeIn(objects, (other) => byCodeUnit(objectKey(other), key));
    next[at] = object;
  }
  return next;
}
