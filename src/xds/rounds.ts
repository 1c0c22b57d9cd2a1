import type { Clock } from "../lib/index.ts";

const sliceMs = 10;

/** Runs a long row of short tasks in slices, so that a publication to a thousand proxies does not hold up what comes in meanwhile. */
export class Rounds<T> {
  readonly #run: (item: T) => void;
  readonly #clock: Clock;
  readonly #queue = new Set<T>();
  #scheduled = false;

  constructor(clock: Clock, run: (item: T) => void) {
    this.#clock = clock;
    this.#run = run;
  }

  /** Each item once, even if it is added again before its turn. */
  add(items: Iterable<T>): void {
    for (const item of items) this.#queue.add(item);
    if (this.#scheduled || this.#queue.size === 0) return;
    this.#scheduled = true;
    setImmediate(() => this.#slice());
  }

  delete(item: T): void {
    this.#queue.delete(item);
  }

  #slice(): void {
    this.#scheduled = false;
    const end = this.#clock.now() + sliceMs;
    for (const item of this.#queue) {
      this.#queue.delete(item);
      this.#run(item);
      if (this.#clock.now() >= end) break;
    }
    this.add([]);
  }
}
