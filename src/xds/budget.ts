import type { Clock } from "../lib/index.ts";

interface Loan {
  readonly bytes: number;
  readonly since: number;
  readonly cutOff: () => void;
  slow: boolean;
}

/**
 * Bounds the bytes that are written and not yet taken by the sockets: a storm of clients would otherwise fill the memory with copies.
 * Clients that do not read cannot starve the others: after a while their bytes count apart, and when these are too many, the slowest is cut off.
 */
export class Budget {
  readonly #clock: Clock;
  readonly #limit: number;
  readonly #slowMs: number;
  readonly #loans = new Set<Loan>(); // oldest first
  readonly #queue = new Set<() => void>();
  #bytes = 0;
  #slowBytes = 0;
  #timer: (() => void) | undefined;

  constructor(clock: Clock, limit: number, slowMs: number) {
    this.#clock = clock;
    this.#limit = limit;
    this.#slowMs = slowMs;
  }

  /** There is room for one response. If not, `retry` is called once when there is. */
  hasRoom(retry: () => void): boolean {
    if (this.#bytes < this.#limit) return true;
    this.#queue.add(retry);
    this.#timer ??= this.#clock.after(this.#slowMs, () => {
      this.#timer = undefined;
      this.#setAside();
    });
    return false;
  }

  /** Takes these bytes; the function given gives them back. `cutOff` ends a client that does not read. */
  take(bytes: number, cutOff: () => void): () => void {
    const loan: Loan = { bytes, since: this.#clock.now(), cutOff, slow: false };
    this.#loans.add(loan);
    this.#bytes += bytes;
    return () => {
      if (!this.#loans.delete(loan)) return;
      if (loan.slow) this.#slowBytes -= bytes;
      else this.#bytes -= bytes;
      this.#serve();
    };
  }

  withdraw(retry: () => void): void {
    this.#queue.delete(retry);
  }

  get bytes(): number {
    return this.#bytes + this.#slowBytes;
  }

  #serve(): void {
    for (const retry of this.#queue) {
      if (this.#bytes >= this.#limit) return;
      this.#queue.delete(retry);
      retry();
    }
  }

  #setAside(): void {
    const before = this.#clock.now() - this.#slowMs;
    for (const loan of this.#loans) {
      if (loan.slow || loan.since > before) continue;
      loan.slow = true;
      this.#bytes -= loan.bytes;
      this.#slowBytes += loan.bytes;
    }
    for (const loan of [...this.#loans]) {
      if (this.#slowBytes <= this.#limit) break;
      if (loan.slow) loan.cutOff();
    }
    this.#serve();
    if (this.#queue.size > 0) {
      this.#timer ??= this.#clock.after(this.#slowMs, () => {
        this.#timer = undefined;
        this.#setAside();
      });
    }
  }
}
