import type { Log, Problem } from "../lib/index.ts";
import { buildSnapshot, type Snapshot } from "../mesh/index.ts";
import type { MeshObject } from "../model/index.ts";

/** Where objects come from: a directory or, later, the Kubernetes API. */
interface Objects {
  objects(): readonly MeshObject[];
  problems(): readonly Problem[];
}

/** Turns what the source holds into the next snapshot, and hands it on. Holds the last one: equal parts keep their identity. */
export class Publisher {
  readonly #source: Objects;
  readonly #publish: (snapshot: Snapshot, revision: string) => void;
  readonly #log: Log;
  #count = 0;
  #holds = 0;
  #published: readonly MeshObject[] | undefined;
  #current: { snapshot: Snapshot; problems: readonly Problem[] } | undefined;

  constructor(source: Objects, publish: (snapshot: Snapshot, revision: string) => void, log: Log) {
    this.#source = source;
    this.#publish = publish;
    this.#log = log;
  }

  /** Nothing is published until the returned function is called, then what has changed meanwhile: several changes become one. */
  hold(): () => void {
    this.#holds += 1;
    let held = true;
    return () => {
      if (held) this.#holds -= 1;
      held = false;
      this.refresh();
    };
  }

  /** Builds and publishes, unless the objects are still the same. A failure of ours keeps the last snapshot: traffic goes on. */
  refresh(): void {
    const objects = this.#source.objects();
    if (this.#holds > 0 || objects === this.#published) return;
    try {
      const started = performance.now();
      const built = buildSnapshot(objects, this.#current?.snapshot);
      this.#current = built;
      this.#published = objects;
      this.#count += 1;
      const modelled = performance.now();
      this.#publish(built.snapshot, this.revision);
      this.#log.info(
        {
          revision: this.revision,
          objects: objects.length,
          problems: this.problems().length,
          modelMs: Math.round(modelled - started),
          publishMs: Math.round(performance.now() - modelled),
        },
        "snapshot",
      );
    } catch (error) {
      this.#log.error({ err: error }, "the mesh could not be modelled: the last snapshot stays");
    }
  }

  /** Names the newest snapshot of this process: `1`, `2`, … */
  get revision(): string {
    return String(this.#count);
  }

  /** Nothing that the source says now is left to publish. */
  get isCurrent(): boolean {
    return this.#published !== undefined && this.#published === this.#source.objects();
  }

  get snapshot(): Snapshot | undefined {
    return this.#current?.snapshot;
  }

  /** Of the input as it is now: of single objects first, then of how they fit together. */
  problems(): readonly Problem[] {
    return [...this.#source.problems(), ...(this.#current?.problems ?? [])];
  }
}
