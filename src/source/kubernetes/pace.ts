import type { Clock } from "../../lib/index.ts";
import { orAborted } from "./waiting.ts";

interface Waiting {
  readonly order: number;
  readonly go: () => void;
}

/**
 * Lets requests pass one by one, `everyMs` apart; those with a lower order first. All that is asked again after a failure goes
 * through here, whatever the number of kinds: an API server that comes back is not run over (FAULTS F37).
 */
export class Pace {
  readonly #clock: Clock;
  readonly #everyMs: number;
  readonly #waiting: Waiting[] = [];
  #freeAt = 0;
  #timer: (() => void) | undefined;

  constructor(clock: Clock, everyMs: number) {
    this.#clock = clock;
    this.#everyMs = everyMs;
  }

  /** Resolves when the caller may send one request; rejects when the signal is aborted before. */
  async turn(order: number, signal: AbortSignal): Promise<void> {
    let go: () => void = () => undefined;
    const turn = new Promise<void>((resolve) => (go = resolve));
    const waiting: Waiting = { order, go };
    this.#waiting.push(waiting);
    this.#schedule();
    await orAborted(turn, signal).finally(() => this.#leave(waiting));
  }

  #leave(waiting: Waiting): void {
    const at = this.#waiting.indexOf(waiting);
    if (at >= 0) this.#waiting.splice(at, 1);
  }

  #schedule(): void {
    if (this.#timer || this.#waiting.length === 0) return;
    this.#timer = this.#clock.after(Math.max(0, this.#freeAt - this.#clock.now()), () => {
      this.#timer = undefined;
      const [next] = this.#waiting.sort((a, b) => a.order - b.order);
      if (!next) return;
      this.#leave(next);
      this.#freeAt = this.#clock.now() + this.#everyMs;
      next.go();
      this.#schedule();
    });
  }
}
