import type { Clock } from "./clock.ts";

/** Lets things begin at a steady rate. Who comes too fast waits; nobody is refused while there is room in the queue. */
export class Admission {
  readonly #clock: Clock;
  readonly #rate: number;
  readonly #burst: number;
  readonly #limit: number;
  readonly #queue = new Set<() => void>();
  #tokens: number;
  #filledAt: number;
  #timer: (() => void) | undefined;

  /** `perSecond` on average, `burst` at once, at most `queue` waiting. */
  constructor(clock: Clock, perSecond: number, burst: number, queue: number) {
    this.#clock = clock;
    this.#rate = perSecond / 1000;
    this.#burst = burst;
    this.#limit = queue;
    this.#tokens = burst;
    this.#filledAt = clock.now();
  }

  /** Calls `begin` now or later. Gives what withdraws the request, or undefined when too many wait. */
  enter(begin: () => void): (() => void) | undefined {
    if (this.#queue.size >= this.#limit) return undefined;
    this.#queue.add(begin);
    this.#serve();
    return () => this.#queue.delete(begin);
  }

  get waiting(): number {
    return this.#queue.size;
  }

  #serve(): void {
    const now = this.#clock.now();
    const elapsed = Math.max(0, now - this.#filledAt); // a clock set back fills nothing
    this.#tokens = Math.min(this.#burst, this.#tokens + elapsed * this.#rate);
    this.#filledAt = now;
    for (const begin of this.#queue) {
      if (this.#tokens < 1) break;
      this.#tokens -= 1;
      this.#queue.delete(begin);
      begin();
    }
    if (this.#queue.size === 0 || this.#timer) return;
    this.#timer = this.#clock.after(Math.ceil(Math.max(1, (1 - this.#tokens) / this.#rate)), () => {
      this.#timer = undefined;
      this.#serve();
    });
  }
}
