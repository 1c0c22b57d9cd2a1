import { maxProblemsPerObject, type Level, type ObjectRef, type Problem } from "../lib/index.ts";
import type { Code } from "./codes.ts";
import { formatPath, type FieldPath, type Origin } from "./object.ts";

interface Finding {
  readonly level: Level;
  readonly code: Code;
  readonly path: FieldPath;
  readonly message: string;
  readonly hint?: string;
}

/** Collects what is wrong with one object: at most `maxProblemsPerObject`, but an error always counts. */
export class Report {
  readonly #findings: Finding[] = [];
  failed = false;

  add(finding: Finding): void {
    if (finding.level === "error") this.failed = true;
    if (this.#findings.length < maxProblemsPerObject) this.#findings.push(finding);
  }

  /** True when nothing more will be kept, so that a walk over hostile input can stop. */
  get full(): boolean {
    return this.failed && this.#findings.length >= maxProblemsPerObject;
  }

  /** The findings as problems, with places looked up where they were written. */
  problems(origin: Origin, object?: ObjectRef): readonly Problem[] {
    return this.#findings.map(({ level, code, path, message, hint }) => ({
      code,
      level,
      message,
      ...(object && { object }),
      position: origin.at(path),
      ...(path.length > 0 && { field: formatPath(path) }),
      ...(hint !== undefined && { hint }),
    }));
  }
}

/** A field of the object under check: says what is wrong there. Cheap to make, since most are never spoken of. */
export class Place {
  readonly report: Report;
  readonly #parent: Place | undefined;
  readonly #step: string | number;

  constructor(report: Report, parent?: Place, step: string | number = "") {
    this.report = report;
    this.#parent = parent;
    this.#step = step;
  }

  at(...steps: FieldPath): Place {
    return steps.reduce<Place>((place, step) => new Place(this.report, place, step), this);
  }

  get path(): FieldPath {
    const path: (string | number)[] = [];
    const climb = (place: Place): void => {
      if (!place.#parent) return;
      climb(place.#parent);
      path.push(place.#step);
    };
    climb(this);
    return path;
  }

  error(code: Code, message: string, hint?: string): void {
    this.tell("error", code, message, hint);
  }

  warn(code: Code, message: string, hint?: string): void {
    this.tell("warning", code, message, hint);
  }

  /** As `error` and `warn`, with a level that the caller was given. */
  tell(level: Level, code: Code, message: string, hint?: string): void {
    this.report.add({ level, code, path: this.path, message, ...(hint !== undefined && { hint }) });
  }
}

/** Calls `check` with each item and its place. */
export function each<T>(items: readonly T[] | undefined, place: Place, check: (item: T, place: Place) => void): void {
  items?.forEach((item, index) => check(item, place.at(index)));
}

/** Calls `check` with each value of a map, its key and its place. */
export function eachEntry<T>(
  map: Readonly<Record<string, T>> | undefined,
  place: Place,
  check: (key: string, value: T, place: Place) => void,
): void {
  for (const [key, value] of Object.entries(map ?? {})) check(key, value, place.at(key));
}
