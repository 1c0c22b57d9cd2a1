import type { FileStat } from "./files.ts";

/** A file that a program still writes changes within this time; one renamed into place is whole. */
const renamedMs = 15;
const writtenMs = 80;
/** A file untouched for so long needs no second look: a mounted ConfigMap was written before its link was turned. */
const untouchedMs = 2000;
/** An editor takes a file away for a moment while it saves; `rm -r` takes one after the other. */
const goneMs = 80;

/** When to look again at something that has not settled. */
export const lookAgainMs = renamedMs;

/** Tells finished files from those in the middle of being written, and deleted ones from those being replaced (FAULTS F24, F35). */
export class Settling {
  readonly #waiting = new Map<string, { readonly signature: string; readonly since: number }>();
  #gone: ReadonlySet<string> = new Set();
  #goneSince = 0;

  /** True while something has to be looked at again soon. */
  get isPending(): boolean {
    return this.#waiting.size > 0 || this.#gone.size > 0;
  }

  /** The files that have to be looked at again. */
  get waiting(): readonly string[] {
    return [...this.#waiting.keys()];
  }

  /** True when a file has looked the same for long enough. `isWritten`: the same file as before has other content. */
  isSettled(path: string, stat: FileStat, isWritten: boolean, now: number): boolean {
    if (now - stat.modifiedAt > untouchedMs) return true;
    const seen = this.#waiting.get(path);
    if (seen?.signature !== stat.signature) {
      this.#waiting.set(path, { signature: stat.signature, since: now });
      return false;
    }
    return now - seen.since >= (isWritten ? writtenMs : renamedMs);
  }

  /** It changed while it was read. */
  startOver(path: string, now: number): void {
    this.#waiting.set(path, { signature: "", since: now });
  }

  done(path: string): void {
    this.#waiting.delete(path);
  }

  /**
   * Of the files that are gone, those that may be forgotten: all, when for a while no other went, none came back and none is being
   * written; else none. So a folder that is deleted or filled file by file is never seen half.
   */
  forgettable(gone: ReadonlySet<string>, now: number): ReadonlySet<string> {
    const isSame = gone.size === this.#gone.size && [...gone].every((path) => this.#gone.has(path));
    if (!isSame) [this.#gone, this.#goneSince] = [gone, now];
    if (!isSame || this.#waiting.size > 0 || now - this.#goneSince < goneMs) return new Set();
    this.#gone = new Set();
    return gone;
  }
}
