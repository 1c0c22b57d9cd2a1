/** Pieces that go out before it is looked again at what came in. */
const piecesAtOnce = 4;

/**
 * The order in which pieces of large responses are written: one that has begun goes on before another begins, as long as its socket
 * takes more. So in a storm few connections are busy at a time, which costs less here and there than all of them little by little,
 * and a slow one holds up nobody.
 */
export class WriteTurns {
  readonly #begun: (() => void)[] = [];
  readonly #fresh: (() => void)[] = [];
  #scheduled = false;

  /** Runs it when its turn has come. */
  add(write: () => void, hasBegun: boolean): void {
    (hasBegun ? this.#begun : this.#fresh).push(write);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#scheduled || this.#begun.length + this.#fresh.length === 0) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      for (let i = 0; i < piecesAtOnce; i++) (this.#begun.shift() ?? this.#fresh.shift())?.();
      this.#schedule();
    });
  }
}
