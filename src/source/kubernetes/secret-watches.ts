import type { Problem } from "../../lib/index.ts";
import { secretResource, type Resource } from "./resource.ts";
import { secretProblem } from "./watch-problem.ts";
import type { Watched } from "./watch-state.ts";

/**
 * The Secrets that gateways need now, each with a watch of its own: what nobody needs is never read, and forgotten once nobody needs
 * it any more. A Secret that may not be read holds up nothing but the servers that name it.
 */
export class SecretWatches {
  readonly #open: (resource: Resource) => Watched;
  readonly #watched = new Map<string, Watched>();
  readonly #leaving = new Map<string, Promise<void>>();
  #isStopped = false;

  constructor(open: (resource: Resource) => Watched) {
    this.#open = open;
  }

  get all(): readonly Watched[] {
    return [...this.#watched.values()];
  }

  /** Watches these, each `namespace/name`, and no others. Resolves when each that is new was read once, or refused. */
  async follow(names: readonly string[]): Promise<void> {
    if (this.#isStopped) return;
    const wanted = new Set(names);
    for (const [name, watched] of this.#watched) if (!wanted.has(name)) this.#forget(name, watched);
    await Promise.all(names.filter((name) => !this.#watched.has(name)).map((name) => this.#begin(name)));
  }

  problems(now: number): readonly Problem[] {
    return [...this.#watched].flatMap(
      ([name, { informer, sink }]) => secretProblem(name, informer, sink.size, now) ?? [],
    );
  }

  async relist(): Promise<void> {
    await Promise.all(this.all.map(({ informer }) => informer.relist()));
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await Promise.all([...this.#leaving.values(), ...this.all.map(({ informer }) => informer.stop())]);
  }

  async #begin(name: string): Promise<void> {
    const slash = name.indexOf("/");
    const watched = this.#open(secretResource(name.slice(0, slash), name.slice(slash + 1)));
    this.#watched.set(name, watched);
    // Its last watch must not take away what this one brings.
    await this.#leaving.get(name);
    if (!this.#isStopped && this.#watched.get(name) === watched) await watched.informer.start();
  }

  #forget(name: string, { informer, sink }: Watched): void {
    this.#watched.delete(name);
    const left = informer.stop().then(() => {
      sink.replace([]);
      if (this.#leaving.get(name) === left) this.#leaving.delete(name);
    });
    this.#leaving.set(name, left);
  }
}
