/** A large tree costs more to look at, and is looked at less often: after so many times as long as the look took. */
const restsUntold = 300;
const restsTold = 3000;
const maxToldMs = 60_000;

/**
 * How often a whole tree is looked at although no event asks for it. Less often where the system has told of the last change, though never
 * less than once a minute for that: events get lost. Often where it has not, as on a network's file system that others write to.
 */
export class PollPace {
  readonly #leastMs: number;
  #isTold = false;

  /** `leastMs`: the shortest time between two looks, in milliseconds. */
  constructor(leastMs: number) {
    this.#leastMs = leastMs;
  }

  /** A change was seen: because an event told of it, or only by looking. */
  changed(isTold: boolean): void {
    this.#isTold = isTold;
  }

  /** Milliseconds until the next look, after one that took `costMs`. */
  restAfter(costMs: number): number {
    const told = this.#isTold ? Math.min(costMs * restsTold, maxToldMs) : 0;
    return Math.max(this.#leastMs, costMs * restsUntold, told);
  }
}
