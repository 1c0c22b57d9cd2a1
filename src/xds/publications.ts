import type { Snapshot } from "../mesh/index.ts";

/** One call of `publish`. */
export interface Publication {
  readonly snapshot: Snapshot;
  readonly revision: string;
  readonly sequence: number; // counts from 1
  readonly at: number; // ms since the epoch
}

const remembered = 1_000;

/** The newest publication, and when the last thousand were. Old snapshots are not kept. */
export class Publications {
  readonly #times = new Map<string, { sequence: number; at: number }>();
  readonly #names = new Map<number, string>();
  #current: Publication | undefined;

  add(snapshot: Snapshot, revision: string, at: number): Publication {
    const sequence = (this.#current?.sequence ?? 0) + 1;
    this.#current = { snapshot, revision, sequence, at };
    this.#times.delete(revision);
    this.#times.set(revision, { sequence, at });
    this.#names.set(sequence, revision);
    this.#names.delete(sequence - remembered);
    for (const oldest of this.#times.keys()) {
      if (this.#times.size <= remembered) break;
      this.#times.delete(oldest);
    }
    return this.#current;
  }

  get current(): Publication | undefined {
    return this.#current;
  }

  /** Undefined for one that was not published yet, or too long ago. */
  find(revision: string): { readonly sequence: number; readonly at: number } | undefined {
    return this.#times.get(revision);
  }

  /** "" where unknown. */
  nameOf(sequence: number): string {
    return this.#names.get(sequence) ?? "";
  }
}
