import { hostname } from "node:os";
import type { Clock, Log } from "../../lib/index.ts";
import { ApiError, type Api } from "./api.ts";
import { conditionFor, conditionsWith, isWritten, liveConditionFor, type Condition } from "./condition.ts";
import type { LiveVerdict } from "./condition.ts";
import { warningEvent } from "./event.ts";
import type { Judged } from "./object-sink.ts";
import { generationOf, type RawObject } from "./raw-object.ts";
import type { Resource } from "./resource.ts";
import { pause } from "./waiting.ts";

export interface StatusWriterOptions {
  readonly api: Api;
  readonly clock: Clock;
  readonly log: Log;
  readonly isLeader: () => boolean;
  /** How far this version of an object has come; undefined: there is nothing to say yet. */
  readonly live?: (key: string, version: string) => LiveVerdict | undefined;
}

/** Writes are five a second at most, and looked for twice a second: they tell people, and must not load the API server. */
const everyMs = 200;
const lookMs = 500;

const notAccepted: LiveVerdict = {
  status: "False",
  reason: "NotAccepted",
  message: "this version is not in force: see heddle.io/Accepted",
};

/** An object as it was told last. Its spec is not needed, and let go. */
interface Known {
  readonly kind: string;
  readonly raw: RawObject;
  readonly accepted: Condition;
}

interface Wanted extends Known {
  /** What the object does not say yet. */
  readonly conditions: readonly Condition[];
}

/**
 * Writes into each object how we took it, and an Event for each that is broken. Only the leader writes; a new leader finds what is
 * missing. What is written stands in the object, so neither a restart nor a second replica says it again.
 */
export class StatusWriter {
  readonly #options: StatusWriterOptions;
  readonly #stop = new AbortController();
  readonly #resources = new Map<string, Resource>();
  /** All objects that have a status. */
  readonly #known = new Map<string, Known>();
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
    this.#known.delete(key);
    if (!judged) {
      this.#told.delete(key);
      return;
    }
    const accepted = conditionFor(judged, this.#options.clock.now());
    const known = { kind, raw: headOf(judged.raw), accepted };
    if (this.#resources.has(kind)) {
      this.#known.set(key, known);
      this.#want(key, known);
    } else if (kind === "ConfigMap") this.#wantEvent(key, known);
  }

  /** What `live` says may have changed. */
  judgeLive(): void {
    for (const [key, known] of this.#known) this.#want(key, known);
  }

  /** Begins to write; nothing is written before the first full read. */
  start(): void {
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  #want(key: string, known: Known): void {
    const { raw, accepted } = known;
    const { live: judge } = this.#options;
    const verdict = judge && (accepted.status === "True" ? judge(key, generationOf(raw)) : notAccepted);
    const live = verdict && liveConditionFor(raw, verdict, this.#options.clock.now());
    const conditions = [accepted, ...(live ? [live] : [])].filter((condition) => !isWritten(raw.status, condition));
    if (conditions.length > 0) this.#wanted.set(key, { ...known, conditions });
    else this.#wanted.delete(key);
  }

  #wantEvent(key: string, known: Known): void {
    const { accepted } = known;
    if (accepted.status === "True") this.#told.delete(key);
    else if (this.#told.get(key) !== accepted.message) this.#wanted.set(key, { ...known, conditions: [accepted] });
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

  async #write(key: string, wanted: Wanted): Promise<void> {
    const { kind, raw, conditions } = wanted;
    const resource = this.#resources.get(kind);
    try {
      if (resource) await this.#writeStatus(resource, raw, conditions);
      else this.#told.set(key, wanted.accepted.message);
      for (const condition of conditions)
        if (condition.status === "False" && condition.reason !== notAccepted.reason)
          await this.#writeEvent(raw, condition);
      this.#isFailing = false;
    } catch (error) {
      const status = error instanceof ApiError ? error.status : 0;
      // It has changed or gone meanwhile: its watch tells us, and we judge again.
      if (status === 409 || status === 404 || this.#stop.signal.aborted) return;
      if (!this.#isFailing) this.#options.log.warn({ err: error, object: key }, "a status could not be written");
      this.#isFailing = true;
      if ((status === 0 || status >= 500 || status === 429) && !this.#wanted.has(key)) this.#wanted.set(key, wanted);
    }
  }

  async #writeStatus(
    { path, apiVersion, kind }: Resource,
    raw: RawObject,
    conditions: readonly Condition[],
  ): Promise<void> {
    const { name = "", namespace = "", resourceVersion } = raw.metadata ?? {};
    const plural = path.slice(path.lastIndexOf("/") + 1);
    const body = {
      apiVersion,
      kind,
      // Another writer's conditions stand in the same list: nobody's are lost.
      metadata: { resourceVersion },
      status: { conditions: conditionsWith(raw.status, conditions) },
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
