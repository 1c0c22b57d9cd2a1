import type { Log, Problem } from "../../lib/index.ts";
import { ApiOrigin, parseObject, type ParsedFile } from "../../model/index.ts";
import { codes } from "../codes.ts";
import type { ObjectTable } from "../object-table.ts";
import type { Sink } from "./informer.ts";
import { isRecord, keyOf, trimObject, versionOf, type RawObject } from "./raw-object.ts";

/** Hears of one object: as it is now, and what we made of it. Undefined: it is gone. */
export type OnObject = (key: string, now: Judged | undefined) => void;

export interface Judged {
  readonly raw: RawObject;
  readonly problems: readonly Problem[];
  /** This version, or an older one, is in force. */
  readonly isHeld: boolean;
}

export interface ObjectSinkOptions {
  readonly table: ObjectTable;
  readonly log: Log;
  readonly onObject: OnObject;
  readonly onChange: () => void;
}

const nothing: ParsedFile = { objects: [], rejected: [], unreadable: false, problems: [] };

/** Takes the objects of one kind into the table of last valid objects: each stands there as a file of its own. */
export class ObjectSink implements Sink {
  readonly #kind: string;
  readonly #options: ObjectSinkOptions;
  /** What each object said last: uid and version. */
  readonly #seen = new Map<string, string>();

  constructor(kind: string, options: ObjectSinkOptions) {
    this.#kind = kind;
    this.#options = options;
  }

  get size(): number {
    return this.#seen.size;
  }

  /** The whole truth: objects that are not in it are forgotten, those that changed meanwhile are read (FAULTS F38). */
  replace(items: readonly unknown[]): void {
    const found = new Set<string>();
    const fresh: RawObject[] = [];
    for (const item of items) {
      if (!isRecord(item)) continue;
      const key = keyOf(this.#kind, item);
      found.add(key);
      if (this.#seen.get(key) !== versionOf(item)) fresh.push(item);
    }
    // What is gone goes first: its address may be another's already (FAULTS F39).
    for (const key of [...this.#seen.keys()]) if (!found.has(key)) this.#forget(key);
    for (const item of fresh) this.#take(item);
    this.#options.onChange();
  }

  upsert(item: unknown): void {
    if (!isRecord(item)) return;
    this.#take(item);
    this.#options.onChange();
  }

  remove(item: unknown): void {
    if (!isRecord(item)) return;
    this.#forget(keyOf(this.#kind, item));
    this.#options.onChange();
  }

  #forget(key: string): void {
    this.#seen.delete(key);
    this.#options.table.remove(key);
    this.#options.onObject(key, undefined);
  }

  #take(item: RawObject): void {
    const key = keyOf(this.#kind, item);
    this.#seen.set(key, versionOf(item));
    const parsed = this.#parse(key, item);
    this.#options.table.apply(key, parsed);
    this.#options.onObject(key, { raw: item, problems: parsed.problems, isHeld: this.#options.table.holds(key) });
  }

  #parse(key: string, item: RawObject): ParsedFile {
    const origin = new ApiOrigin(key, item.metadata?.resourceVersion ?? "");
    const broken = (message: string): ParsedFile => {
      const problem: Problem = { code: codes.unreadable, level: "error", message, position: origin.at() };
      return { ...nothing, unreadable: true, problems: [problem] };
    };
    if (this.#kind === "ConfigMap" && typeof item.data?.mesh !== "string") return broken('has no text in data["mesh"]');
    try {
      const { object, rejected, problems, unfinished } = parseObject(trimObject(item), origin);
      const hasError = problems.some(({ level }) => level === "error");
      return {
        objects: object ? [object] : [],
        rejected: rejected ? [rejected] : [],
        unreadable: !object && !rejected && (unfinished === true || hasError),
        problems,
      };
    } catch (error) {
      // A fault of ours: one object must not stop the others.
      this.#options.log.error({ err: error, object: key }, "an object could not be read");
      return broken("could not be read");
    }
  }
}
