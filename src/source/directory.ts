import { setTimeout } from "node:timers/promises";
import { coalesce, systemClock, type Clock, type Coalesced, type Log, type Problem } from "../lib/index.ts";
import type { MeshObject } from "../model/index.ts";
import { codes } from "./codes.ts";
import { listFiles, statFile, type FileStat, type Listing } from "./files.ts";
import { FolderWatch } from "./folder-watch.ts";
import { ObjectTable } from "./object-table.ts";
import { PollPace } from "./poll-pace.ts";
import { readPolicy } from "./read.ts";
import { lookAgainMs, Settling } from "./settling.ts";

/** Where objects come from: the last valid version of each, kept up to date. */
export interface Source {
  /** Resolves after the first full read; waits for a folder that is not there yet. */
  start(): Promise<void>;
  /** The same array while nothing changes. */
  objects(): readonly MeshObject[];
  problems(): readonly Problem[];
  /** Looks at every file now; resolves when all that was written before is in `objects`, unless a file keeps changing for seconds. */
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
  /** A file was read and parsed; a file that has not changed is not. */
  readonly onParsed?: () => void;
  /** Quiet time in milliseconds after which the changes that followed a first one are told. */
  readonly debounceMs?: number;
  /** The shortest time in milliseconds after which the tree is looked at without being told (see `PollPace`). */
  readonly pollMs?: number;
}

const maxDebounceMs = 10_000;
/** The first read, and a rescan, wait no longer for files that keep changing. */
const maxSettlingMs = 3000;
const filesAtOnce = 32;

/** Watches a tree of policy files. Nothing depends on an event being delivered: the tree is looked at again from time to time. */
export function watchDirectory(options: WatchOptions): Source {
  return new DirectorySource(options);
}

class DirectorySource implements Source {
  readonly #dir: string;
  readonly #log: Log;
  readonly #clock: Clock;
  readonly #pace: PollPace;
  readonly #changed: Coalesced;
  readonly #onParsed: () => void;
  readonly #watch: FolderWatch;
  readonly #table = new ObjectTable();
  readonly #settling = new Settling();
  /** The state in which each file was read last. */
  readonly #read = new Map<string, FileStat>();
  /** Files to look at, though not at the whole tree. */
  readonly #dirty = new Set<string>();
  #wholeTree = true;
  /** An event has come since the last look. */
  #isTold = false;
  #identity = "";
  #missing: Problem | undefined;
  #looking: Promise<void> | undefined;
  #stopTimer: (() => void) | undefined;
  #timerAt = Infinity;
  #pollAt = 0;
  /** When every file had been looked at once. */
  #passedAt: number | undefined;
  #onStarted: () => void = () => undefined;
  #isStarted = false;
  #isStopped = false;

  constructor({
    dir,
    log,
    clock = systemClock,
    onChange,
    onParsed = () => undefined,
    debounceMs = 100,
    pollMs = 2000,
  }: WatchOptions) {
    this.#dir = dir;
    this.#onParsed = onParsed;
    this.#log = log;
    this.#clock = clock;
    this.#pace = new PollPace(pollMs);
    this.#changed = coalesce({ quietMs: debounceMs, maxMs: maxDebounceMs, clock }, onChange);
    this.#watch = new FolderWatch(dir, {
      log,
      onFile: (path) => this.#onFile(path),
      onTree: () => this.#onTree(),
    });
  }

  async start(): Promise<void> {
    const started = new Promise<void>((resolve) => (this.#onStarted = resolve));
    // The clock's timers keep no process alive, and at its start nothing else may.
    const alive = setInterval(() => undefined, 60_000);
    await this.#look();
    await started;
    clearInterval(alive);
  }

  objects(): readonly MeshObject[] {
    return this.#table.objects();
  }

  problems(): readonly Problem[] {
    return this.#missing ? [this.#missing, ...this.#table.problems()] : this.#table.problems();
  }

  async rescan(): Promise<void> {
    const begun = this.#clock.now();
    for (;;) {
      // What is under way may have passed the change already: look once more after it.
      await this.#looking;
      this.#wholeTree = true;
      await this.#look();
      const isOver = this.#isStopped || this.#clock.now() - begun > maxSettlingMs;
      if (isOver || !this.#settling.isPending) return;
      await setTimeout(lookAgainMs);
    }
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#stopTimer?.();
    this.#changed.cancel();
    this.#setStarted();
    await this.#looking;
    this.#watch.close();
  }

  #setStarted(): void {
    this.#isStarted = true;
    this.#onStarted();
  }

  #onFile(path: string): void {
    this.#isTold = true;
    this.#dirty.add(path);
    void this.#look();
  }

  #onTree(): void {
    this.#isTold = true;
    this.#wholeTree = true;
    void this.#look();
  }

  /** Looks at what is to be looked at, one time after the other; events meanwhile cause another look soon. */
  #look(): Promise<void> {
    if (this.#isStopped) return Promise.resolve();
    if (this.#looking) return this.#looking;
    this.#stopTimer?.();
    this.#timerAt = Infinity;
    const begun = this.#clock.now();
    // Until the tree has been seen as a whole, single files say nothing: a timer may be a moment early.
    const isUnseen = this.#passedAt === undefined || this.#missing !== undefined;
    const isTold = this.#isTold && !isUnseen;
    this.#isTold = false;
    const wholeTree = this.#wholeTree || isUnseen || begun >= this.#pollAt;
    this.#wholeTree = false;
    this.#looking = (wholeTree ? this.#lookAtTree(isTold) : this.#lookAtFiles(isTold))
      .catch((error: unknown) => this.#log.error({ err: error, dir: this.#dir }, "could not read the policy folder"))
      .finally(() => {
        this.#looking = undefined;
        const cost = this.#clock.now() - begun;
        if (wholeTree) this.#pollAt = this.#clock.now() + this.#pace.restAfter(cost);
        if (this.#dirty.size > 0 || this.#wholeTree) this.#lookIn(Math.max(5, cost));
        if (this.#settling.isPending) this.#lookIn(Math.max(lookAgainMs, cost));
        this.#lookIn(this.#pollAt - this.#clock.now());
      });
    return this.#looking;
  }

  #lookIn(ms: number): void {
    const at = this.#clock.now() + ms;
    if (this.#isStopped || at >= this.#timerAt) return;
    this.#stopTimer?.();
    this.#timerAt = at;
    this.#stopTimer = this.#clock.after(Math.max(0, ms), () => void this.#look());
  }

  async #lookAtTree(isTold: boolean): Promise<void> {
    this.#dirty.clear();
    let listing: Listing;
    try {
      listing = await listFiles(this.#dir);
    } catch (error) {
      return this.#setMissing(`cannot be read: ${(error as NodeJS.ErrnoException).code ?? "unknown error"}`);
    }
    if (this.#isStopped) return;
    this.#watch.update(listing.folders);
    const identity = listing.folders.get(this.#dir) ?? "";
    const isReplaced = this.#identity !== "" && identity !== this.#identity;
    if (isReplaced && listing.files.size === 0 && this.#read.size > 0)
      return this.#setMissing("was replaced by an empty folder; put a file there to begin anew");
    this.#identity = identity;
    const isFound = this.#missing !== undefined;
    this.#missing = undefined;
    await this.#takeOver(isFound, async () => {
      await this.#readChanged(listing.files, isTold);
      this.#forgetGone(listing);
    });
  }

  async #lookAtFiles(isTold: boolean): Promise<void> {
    const paths = new Set([...this.#dirty, ...this.#settling.waiting]);
    this.#dirty.clear();
    const files = new Map<string, FileStat>();
    await Promise.all(
      [...paths].map(async (path) => {
        const stat = await statFile(path);
        if (stat) files.set(path, stat);
        // Whether it is gone for good, or the whole tree with it, only a look at the tree tells.
        else this.#wholeTree = true;
      }),
    );
    if (this.#settling.isPending && files.size === 0) this.#wholeTree = true;
    await this.#takeOver(false, () => this.#readChanged(files, isTold));
  }

  /** Tells of changes that `change` makes to the table; the first reads are the start. */
  async #takeOver(isFound: boolean, change: () => Promise<void>): Promise<void> {
    const before = { objects: this.#table.objects(), problems: this.#table.problems() };
    await change();
    if (this.#isStopped) return;
    const isChanged = this.#table.objects() !== before.objects || this.#table.problems() !== before.problems;
    if (this.#isStarted && (isChanged || isFound)) this.#changed();
    this.#passedAt ??= this.#clock.now();
    if (!this.#settling.isPending || this.#clock.now() - this.#passedAt > maxSettlingMs) this.#setStarted();
  }

  #setMissing(message: string): void {
    this.#watch.update(new Map());
    if (this.#missing?.message.startsWith(message)) return;
    this.#log.warn({ dir: this.#dir }, `the policy folder ${message}`);
    const position = { file: this.#dir, line: 1, column: 1 };
    this.#missing = { code: codes.missing, level: "error", message: `${message}; what it said last stays`, position };
    if (this.#isStarted) this.#changed();
  }

  async #readChanged(files: ReadonlyMap<string, FileStat>, isTold: boolean): Promise<void> {
    const now = this.#clock.now();
    const pending = new Set(this.#settling.waiting);
    const settled = [...files].filter(([path, stat]) => {
      const known = this.#read.get(path);
      if (known?.signature === stat.signature) {
        this.#settling.done(path);
        return false;
      }
      if (!pending.has(path)) this.#pace.changed(isTold);
      return this.#settling.isSettled(path, stat, known?.identity === stat.identity, now);
    });
    for (let at = 0; at < settled.length && !this.#isStopped; at += filesAtOnce)
      await Promise.all(settled.slice(at, at + filesAtOnce).map(([path, stat]) => this.#readFile(path, stat)));
  }

  async #readFile(path: string, seen: FileStat): Promise<void> {
    const read = await readPolicy(path, this.#table.known(path));
    if (!read) return this.#settling.startOver(path, this.#clock.now());
    this.#onParsed();
    // A file that cannot be opened has no state of its own; a change of its permissions is seen.
    this.#read.set(path, read.stat ?? seen);
    this.#settling.done(path);
    this.#table.apply(path, read.parsed);
  }

  #forgetGone({ files, hidden }: Listing): void {
    for (const path of this.#settling.waiting) if (!files.has(path)) this.#settling.done(path);
    const isHidden = (path: string) => hidden.some((above) => path === above || path.startsWith(`${above}/`));
    const gone = new Set([...this.#read.keys()].filter((path) => !files.has(path) && !isHidden(path)));
    for (const path of this.#settling.forgettable(gone, this.#clock.now())) {
      this.#read.delete(path);
      this.#table.remove(path);
    }
  }
}
