import { watch, type FSWatcher } from "node:fs";
import { dirname, basename } from "node:path";
import { coalesce, systemClock, type Clock, type Coalesced, type Log, type Problem } from "../lib/index.ts";
import type { MeshObject } from "../model/index.ts";
import { codes } from "./codes.ts";
import { listFiles, type FileStat, type Listing } from "./files.ts";
import { ObjectTable } from "./object-table.ts";
import { readPolicy } from "./read.ts";

/** Where objects come from: the last valid version of each, kept up to date. */
export interface Source {
  /** Resolves after the first full read; waits for a folder that is not there yet. */
  start(): Promise<void>;
  /** The same array while nothing changes. */
  objects(): readonly MeshObject[];
  problems(): readonly Problem[];
  /** Looks at every file now; resolves when what had settled is in `objects`. */
  rescan(): Promise<void>;
  stop(): Promise<void>;
}

export interface WatchOptions {
  /** A folder, with all below it, or one file. */
  readonly dir: string;
  readonly log: Log;
  readonly clock?: Clock;
  /** Objects or problems have changed; several changes in a short time are one call. */
  readonly onChange: () => void;
  /** Quiet time in milliseconds after which the changes that followed a first one are told. */
  readonly debounceMs?: number;
  /** The longest time in milliseconds that no event of the system is trusted for. */
  readonly pollMs?: number;
}

/** A file that a program still writes changes within this time; a whole one that was renamed into place does not. */
const settleRenamedMs = 15;
const settleWrittenMs = 80;
/** A file untouched for so long needs no second look: a mounted ConfigMap was written before its link was turned. */
const settledMs = 2000;
/** An editor takes a file away for a moment while it saves; so does `cp` over a folder. */
const settleRemovedMs = 80;
const maxDebounceMs = 10_000;
/** The first read waits no longer for files that keep changing. */
const maxStartMs = 3000;

/** Watches a tree of policy files. Nothing depends on an event being delivered: the tree is looked at again from time to time. */
export function watchDirectory(options: WatchOptions): Source {
  return new DirectorySource(options);
}

/** A file seen in another state than the one that was read. */
interface Unsettled {
  readonly signature: string;
  readonly since: number;
}

class DirectorySource implements Source {
  readonly #dir: string;
  readonly #log: Log;
  readonly #clock: Clock;
  readonly #pollMs: number;
  readonly #changed: Coalesced;
  readonly #table = new ObjectTable();
  readonly #read = new Map<string, FileStat>();
  readonly #unsettled = new Map<string, Unsettled>();
  readonly #watchers = new Map<string, { readonly identity: string; readonly watcher: FSWatcher }>();
  #identity = "";
  #missing: Problem | undefined;
  #scanning: Promise<void> | undefined;
  #again = false;
  #stopTimer: (() => void) | undefined;
  #timerAt = Infinity;
  #started: (() => void) | undefined;
  #isStarted = false;
  #isStopped = false;

  constructor({ dir, log, clock = systemClock, onChange, debounceMs = 100, pollMs = 2000 }: WatchOptions) {
    this.#dir = dir;
    this.#log = log;
    this.#clock = clock;
    this.#pollMs = pollMs;
    this.#changed = coalesce({ quietMs: debounceMs, maxMs: maxDebounceMs, clock }, onChange);
  }

  async start(): Promise<void> {
    const started = new Promise<void>((resolve) => (this.#started = resolve));
    await this.#scan();
    const begun = this.#clock.now();
    while (this.#unsettled.size > 0 && !this.#isStopped && this.#clock.now() - begun < maxStartMs)
      await new Promise<void>((resolve) => this.#clock.after(settleRenamedMs, () => resolve(this.#scan())));
    if (this.#missing) this.#log.warn({ dir: this.#dir }, "waiting for the policy folder");
    else this.#setStarted();
    await started;
  }

  objects(): readonly MeshObject[] {
    return this.#table.objects();
  }

  problems(): readonly Problem[] {
    return this.#missing ? [this.#missing, ...this.#table.problems()] : this.#table.problems();
  }

  async rescan(): Promise<void> {
    // A scan under way may have passed the change already: look once more after it.
    if (this.#scanning) await this.#scanning;
    await this.#scan();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#stopTimer?.();
    this.#changed.cancel();
    this.#setStarted();
    await this.#scanning;
    for (const { watcher } of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
  }

  #setStarted(): void {
    this.#isStarted = true;
    this.#started?.();
  }

  /** One scan at a time; an event during a scan causes another. */
  #scan(): Promise<void> {
    if (this.#isStopped) return Promise.resolve();
    if (this.#scanning) {
      this.#again = true;
      return this.#scanning;
    }
    this.#stopTimer?.();
    this.#timerAt = Infinity;
    this.#again = false;
    const begun = this.#clock.now();
    this.#scanning = this.#look()
      .catch((error: unknown) => this.#log.error({ err: error, dir: this.#dir }, "could not read the policy folder"))
      .finally(() => {
        this.#scanning = undefined;
        this.#scheduleNext(this.#clock.now() - begun);
      });
    return this.#scanning;
  }

  /** Scans cost what the tree is large: a large one is looked at less often. */
  #scheduleNext(costMs: number): void {
    if (this.#again) this.#scanIn(Math.max(10, costMs));
    if (this.#unsettled.size > 0) this.#scanIn(Math.max(settleRenamedMs, costMs));
    this.#scanIn(Math.max(this.#pollMs, costMs * 20));
  }

  #scanIn(ms: number): void {
    const at = this.#clock.now() + ms;
    if (this.#isStopped || at >= this.#timerAt) return;
    this.#stopTimer?.();
    this.#timerAt = at;
    this.#stopTimer = this.#clock.after(ms, () => void this.#scan());
  }

  async #look(): Promise<void> {
    let listing: Listing;
    try {
      listing = await listFiles(this.#dir);
    } catch (error) {
      return this.#setMissing(`cannot be read: ${(error as NodeJS.ErrnoException).code ?? "unknown error"}`);
    }
    this.#watch(listing.folders);
    const identity = listing.folders.get(this.#dir) ?? "";
    const isReplaced = this.#identity !== "" && identity !== this.#identity;
    if (isReplaced && listing.files.size === 0 && this.#read.size > 0)
      return this.#setMissing("was replaced by an empty folder; put a file there to begin anew");
    this.#identity = identity;
    const found = this.#missing !== undefined;
    this.#missing = undefined;

    const before = { objects: this.#table.objects(), problems: this.#table.problems() };
    await this.#readChanged(listing.files);
    // A new folder fills file by file: nothing is taken back before all of it has settled.
    this.#removeGone(listing);
    if (this.#isStopped) return;
    const isChanged = this.#table.objects() !== before.objects || this.#table.problems() !== before.problems;
    if (this.#isStarted && (isChanged || found)) this.#changed();
    if (this.#unsettled.size === 0) this.#setStarted();
  }

  #setMissing(message: string): void {
    this.#watch(new Map());
    if (this.#missing?.message === message) return;
    this.#log.warn({ dir: this.#dir }, `the policy folder ${message}`);
    const position = { file: this.#dir, line: 1, column: 1 };
    this.#missing = { code: codes.missing, level: "error", message: `${message}; what it said last stays`, position };
    if (this.#isStarted) this.#changed();
  }

  async #readChanged(files: ReadonlyMap<string, FileStat>): Promise<void> {
    for (const [path, stat] of files) {
      if (this.#isStopped) return;
      if (this.#read.get(path)?.signature === stat.signature) this.#unsettled.delete(path);
      else if (this.#isSettled(path, stat)) await this.#readFile(path, stat);
    }
  }

  async #readFile(path: string, seen: FileStat): Promise<void> {
    const read = await readPolicy(path);
    if (!read) return this.#wait(path, "");
    // A file that cannot be opened has no state of its own; a change of its permissions is seen.
    this.#read.set(path, read.stat ?? seen);
    this.#unsettled.delete(path);
    this.#table.apply(path, read.parsed);
  }

  #wait(path: string, signature: string): void {
    this.#unsettled.set(path, { signature, since: this.#clock.now() });
  }

  /** True when a file has looked the same for long enough, so that nobody is in the middle of writing it. */
  #isSettled(path: string, stat: FileStat): boolean {
    const now = this.#clock.now();
    if (now - stat.modifiedAt > settledMs) return true;
    const seen = this.#unsettled.get(path);
    if (seen?.signature !== stat.signature) {
      this.#wait(path, stat.signature);
      return false;
    }
    const isRenamed = this.#read.get(path)?.identity !== stat.identity;
    return now - seen.since >= (isRenamed ? settleRenamedMs : settleWrittenMs) - 1;
  }

  #removeGone({ files, hidden }: Listing): void {
    const now = this.#clock.now();
    for (const path of [...this.#unsettled.keys()])
      if (!files.has(path) && !this.#read.has(path)) this.#unsettled.delete(path);
    const isFilling = [...this.#unsettled.keys()].some((path) => files.has(path));
    for (const path of [...this.#read.keys()]) {
      if (files.has(path) || hidden.some((above) => path === above || path.startsWith(`${above}/`))) continue;
      const seen = this.#unsettled.get(path);
      if (seen?.signature !== "gone") this.#unsettled.set(path, { signature: "gone", since: now });
      else if (now - seen.since >= settleRemovedMs && !isFilling) {
        this.#read.delete(path);
        this.#unsettled.delete(path);
        this.#table.remove(path);
      }
    }
  }

  /** One watcher for each folder, and one above, which sees the whole tree come, go and be replaced. */
  #watch(folders: ReadonlyMap<string, string>): void {
    if (this.#isStopped) return;
    const above = dirname(this.#dir);
    for (const [path, { identity, watcher }] of this.#watchers) {
      if (path === above || folders.get(path) === identity) continue;
      watcher.close();
      this.#watchers.delete(path);
    }
    if (!folders.has(above)) this.#watchFolder(above, "above", basename(this.#dir));
    for (const [path, identity] of folders) this.#watchFolder(path, identity);
  }

  #watchFolder(path: string, identity: string, only?: string): void {
    if (this.#watchers.has(path)) return;
    try {
      const watcher = watch(path, { persistent: false }, (_event, name) => {
        if (only === undefined || name === null || name === only) void this.#scan();
      });
      watcher.on("error", () => {
        watcher.close();
        if (this.#watchers.get(path)?.watcher === watcher) this.#watchers.delete(path);
      });
      this.#watchers.set(path, { identity, watcher });
    } catch (error) {
      // No more watches to be had, or the folder is gone again: the slow look at everything finds the changes.
      this.#log.debug({ err: error, path }, "cannot watch a folder");
    }
  }
}
