import { hostname } from "node:os";
import type { Clock, Log } from "../../lib/index.ts";
import { ApiError, type Api } from "./api.ts";
import { conditionFor, conditionsWith, isWritten, type Condition } from "./condition.ts";
import { warningEvent } from "./event.ts";
import type { Judged } from "./object-sink.ts";
import type { RawObject } from "./raw-object.ts";
import type { Resource } from "./resource.ts";
import { pause } from "./waiting.ts";

export interface StatusWriterOptions {
  readonly api: Api;
  readonly clock: Clock;
  readonly log: Log;
  readonly isLeader: () => boolean;
}

/** Writes are five a second at most, and looked for twice a second: they tell people, and must not load the API server. */
const everyMs = 200;
const lookMs = 500;

interface Wanted {
  readonly kind: string;
  /** The object as it was told last. Its spec is not needed, and let go. */
  readonly raw: RawObject;
  readonly condition: Condition;
}

/**
 * Writes into each object how we took it, and an Event for each that is broken. Only the leader writes; a new leader finds what is
 * missing. What is written stands in the object, so neither a restart nor a second replica says it again.
 */
export class StatusWriter {
  readonly #options: StatusWriterOptions;
  readonly #stop = new AbortController();
  readonly #resources = new Map<string, Resource>();
  readonly #wanted = new Map<string, Wanted>();
  /** Broken objects without a status that were told of, with what was said. */
  readonly #told = new Map<string, string>();
  #running: Promise<void> | undefined;
  #isFailing = false;

  constructor(options: StatusWriterOptions) {
    this.#options = options;
  }

  /** Where objects of a kind with a status are written. */
  setResource(resource: Resource): void {
    this.#resources.set(resource.kind, resource);
  }

  /** An object as it is now; undefined: it is gone. */
  onObject(kind: string, key: string, judged: Judged | undefined): void {
    this.#wanted.delete(key);
    if (!judged) this.#told.delete(key);
    else if (this.#resources.has(kind)) this.#want(kind, key, judged);
    else if (kind === "ConfigMap") this.#wantEvent(kind, key, judged);
  }

  /** Begins to write; nothing is written before the first full read. */
  start(): void {
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  #want(kind: string, key: string, judged: Judged): void {
    const condition = conditionFor(judged, this.#options.clock.now());
    if (!isWritten(judged.raw.status, condition)) this.#wanted.set(key, { kind, raw: headOf(judged.raw), condition });
  }

  #wantEvent(kind: string, key: string, judged: Judged): void {
    const condition = conditionFor(judged, this.#options.clock.now());
    if (condition.status === "True") this.#told.delete(key);
    else if (this.#told.get(key) !== condition.message)
      this.#wanted.set(key, { kind, raw: headOf(judged.raw), condition });
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    const wait = (ms: number): Promise<void> => pause(this.#options.clock, ms, signal).catch(() => undefined);
    while (!signal.aborted) {
      for (const [key, wanted] of [...this.#wanted]) {
        if (signal.aborted || !this.#options.isLeader()) break;
        if (this.#wanted.get(key) !== wanted) continue;
        this.#wanted.delete(key);
        await this.#write(key, wanted);
        await wait(everyMs);
      }
      await wait(lookMs);
    }
  }

  async #write(key: string, { kind, raw, condition }: Wanted): Promise<void> {
    const resource = this.#resources.get(kind);
    try {
      if (resource) await this.#writeStatus(resource, raw, condition);
      else this.#told.set(key, condition.message);
      if (condition.status === "False") await this.#writeEvent(raw, condition);
      this.#isFailing = false;
    } catch (error) {
      const status = error instanceof ApiError ? error.status : 0;
      // It has changed or gone meanwhile: its watch tells us, and we judge again.
      if (status === 409 || status === 404 || this.#stop.signal.aborted) return;
      if (!this.#isFailing) this.#options.log.warn({ err: error, object: key }, "a status could not be written");
      this.#isFailing = true;
      if ((status === 0 || status >= 500 || status === 429) && !this.#wanted.has(key))
        this.#wanted.set(key, { kind, raw, condition });
    }
  }

  async #writeStatus({ path, apiVersion, kind }: Resource, raw: RawObject, condition: Condition): Promise<void> {
    const { name = "", namespace = "", resourceVersion } = raw.metadata ?? {};
    const plural = path.slice(path.lastIndexOf("/") + 1);
    const body = {
      apiVersion,
      kind,
      // Another writer's conditions stand in the same list: nobody's are lost.
      metadata: { resourceVersion },
      status: { conditions: conditionsWith(raw.status, condition) },
    };
    const url = `/apis/${apiVersion}/namespaces/${namespace}/${plural}/${name}/status`;
    await this.#options.api.send("PATCH", { path: url, signal: this.#stop.signal }, body);
  }

  async #writeEvent(raw: RawObject, condition: Condition): Promise<void> {
    const event = warningEvent(raw, condition, process.env.POD_NAME ?? hostname(), this.#options.clock.now());
    const path = `/api/v1/namespaces/${raw.metadata?.namespace ?? "default"}/events`;
    await this.#options.api.send("POST", { path, signal: this.#stop.signal }, event);
  }
}

/** The part of an object that is needed to write its status. */
function headOf({ apiVersion, kind, metadata = {}, status }: RawObject): RawObject {
  const { name, namespace, uid, resourceVersion, generation } = metadata;
  const head = {
    ...(name !== undefined && { name }),
    ...(namespace !== undefined && { namespace }),
    ...(uid !== undefined && { uid }),
    ...(resourceVersion !== undefined && { resourceVersion }),
    ...(generation !== undefined && { generation }),
  };
  return { ...(apiVersion && { apiVersion }), ...(kind && { kind }), metadata: head, status };
}
