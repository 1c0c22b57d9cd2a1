import type { Clock, Log } from "../../lib/index.ts";
import { ApiError, type Api, type Line, type WatchEvent } from "./api.ts";
import { listAll } from "./list.ts";
import type { Pace } from "./pace.ts";
import type { Resource } from "./resource.ts";
import { pause } from "./waiting.ts";

/**
 * How a kind is doing. `waiting`: not read yet. `synced`: read, and watched. `stale`: the API server cannot be reached, or does not keep
 * up. `frozen`: it answers and refuses. `absent`: it does not serve the kind. Except when absent, the last state holds.
 */
export type WatchStatus = "waiting" | "synced" | "stale" | "frozen" | "absent";

/** What hears of the objects of one kind. */
export interface Sink {
  /** All there are: what is not among them is gone. */
  replace(items: readonly unknown[]): void;
  upsert(item: unknown): void;
  remove(item: unknown): void;
}

export interface InformerOptions {
  readonly api: Api;
  readonly sink: Sink;
  readonly pace: Pace;
  readonly clock: Clock;
  readonly log: Log;
  /** Which kind goes first when all have to be asked again. */
  readonly order: number;
  /** Where the kind is served now; undefined when the server says: nowhere. */
  readonly locate: () => Promise<Resource | undefined>;
  readonly onStatus: () => void;
  /** A kind that may not be read is waited for, else: half a mesh is none. With this a refusal is an answer. */
  readonly isOptional?: boolean;
  readonly timing?: Partial<Timing>;
}

/** All in milliseconds. */
export interface Timing {
  /** A watch ends after this time, by the server's hand, and is taken up where it ended. */
  readonly watchMs: number;
  /** A watch that outlives that by far is dead, whatever its connection says. */
  readonly silentMs: number;
  /** A watch that ends sooner is a failure: it must not be asked for tens of times a second. */
  readonly shortestMs: number;
  readonly backoffMs: number;
  readonly maxBackoffMs: number;
  /** How often an absent kind is looked for. */
  readonly absentMs: number;
  /** After this time at the latest everything is read anew, between two watches: nothing that we got wrong outlives it. */
  readonly rereadMs: number;
}

export const defaultTiming: Timing = {
  watchMs: 45_000,
  silentMs: 55_000,
  shortestMs: 3_000,
  backoffMs: 1_000,
  maxBackoffMs: 12_000,
  absentMs: 20_000,
  rereadMs: 600_000,
};

/** Where a watch begins: a version, and the connection over which the server gave it. */
interface Place {
  readonly version: string;
  readonly connection: number | undefined;
}

/**
 * Keeps one kind up to date: list, then watch from there, for ever. Whatever goes wrong, what is known stays until a whole list says
 * otherwise (FAULTS F37, F40). A version is a place in the history of one store. Behind another connection may be another process with
 * a store that was put back to an older state and has grown since: there the same number is another place, and what is missing
 * between is never told. So a version is good for the connection it came by, and after any other a list is read (FAULTS F38).
 */
export class Informer {
  readonly #options: InformerOptions;
  readonly #timing: Timing;
  readonly #line: Line;
  readonly #stop = new AbortController();
  #resource: Resource | undefined;
  /** Where to watch from; undefined when a list is needed. */
  #place: Place | undefined;
  #rereadAt = 0;
  #failures = 0;
  #status: WatchStatus = "waiting";
  #message: string | undefined;
  #contactAt = 0;
  #running: Promise<void> | undefined;
  #interrupt: AbortController | undefined;
  #onSettled: (() => void)[] = [];

  constructor(options: InformerOptions) {
    this.#options = options;
    this.#line = options.api.openLine();
    this.#timing = { ...defaultTiming, ...options.timing };
  }

  get status(): WatchStatus {
    return this.#status;
  }

  /** Why it is not synced. */
  get message(): string | undefined {
    return this.#message;
  }

  /** When the server last said something about this kind. */
  get contactAt(): number {
    return this.#contactAt;
  }

  get resource(): Resource | undefined {
    return this.#resource;
  }

  /** Begins; resolves when the kind has been read once, or is certainly not served. Keeps trying until then. */
  async start(): Promise<void> {
    this.#running = this.#run();
    await this.#settled();
  }

  /** Reads everything anew; resolves when that is done, or could not be. */
  async relist(): Promise<void> {
    this.#place = undefined;
    const settled = this.#settled();
    this.#interrupt?.abort();
    await settled;
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    this.#interrupt?.abort();
    await this.#running;
    this.#line.close();
    this.#tellSettled();
  }

  #settled(): Promise<void> {
    return new Promise((resolve) => this.#onSettled.push(resolve));
  }

  #tellSettled(): void {
    for (const tell of this.#onSettled.splice(0)) tell();
  }

  async #run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const interrupt = new AbortController();
      this.#interrupt = interrupt;
      const signal = AbortSignal.any([this.#stop.signal, interrupt.signal]);
      try {
        await this.#round(signal);
      } catch (error) {
        // Interrupted on purpose: begin again at once.
        if (!signal.aborted) await this.#onFailure(error, signal).catch(() => undefined);
      }
    }
  }

  /** One list, if it is needed, and one watch. */
  async #round(signal: AbortSignal): Promise<void> {
    const { pace, clock, order } = this.#options;
    if (this.#failures > 0) await pace.turn(order, signal);
    this.#resource ??= await this.#options.locate();
    if (!this.#resource) {
      this.#setStatus("absent");
      this.#tellSettled();
      return pause(clock, this.#timing.absentMs * (0.8 + Math.random() * 0.4), signal);
    }
    if (clock.now() >= this.#rereadAt) this.#place = undefined;
    if (!this.#place) {
      const { items, ...place } = await listAll(this.#line, this.#resource, signal);
      this.#options.sink.replace(items);
      this.#place = place;
      this.#rereadAt = clock.now() + this.#timing.rereadMs * (0.75 + Math.random() * 0.25);
      this.#heard();
      this.#setStatus("synced");
      this.#tellSettled();
    }
    await this.#watch(this.#resource, this.#place, signal);
  }

  async #watch(resource: Resource, { version, connection }: Place, signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    const { watchMs, silentMs, shortestMs } = this.#timing;
    const silence = new AbortController();
    const stopTimer = clock.after(silentMs, () => silence.abort());
    const opened = clock.now();
    // Spread, so that the watches of all kinds do not end together.
    const timeoutSeconds = Math.ceil((watchMs / 1000) * (0.75 + Math.random() * 0.25));
    const query: Record<string, string> = {
      resourceVersion: version,
      allowWatchBookmarks: "true",
      timeoutSeconds: String(timeoutSeconds),
      ...(resource.fieldSelector !== undefined && { fieldSelector: resource.fieldSelector }),
    };
    let events = 0;
    const call = { path: resource.path, query, signal: AbortSignal.any([signal, silence.signal]) };
    try {
      await this.#line.watch(
        call,
        (event) => {
          events += 1;
          this.#take(event);
        },
        () => {
          if (this.#line.connection !== connection) throw new ApiError(410, "another server may have answered");
          this.#heard();
          this.#setStatus("synced");
        },
      );
    } catch (error) {
      if (!silence.signal.aborted) throw error;
      throw new ApiError(0, `the watch was silent for ${silentMs / 1000} s`, error);
    } finally {
      stopTimer();
      if (clock.now() - opened >= shortestMs) this.#failures = 0;
    }
    if (events === 0 && clock.now() - opened < shortestMs) throw new ApiError(0, "the server ended the watch at once");
  }

  #take({ type, object }: WatchEvent): void {
    const { sink } = this.#options;
    this.#heard();
    if (type === "ERROR") {
      const { code = 0, message = "" } = object as { code?: number; message?: string };
      throw new ApiError(code, message);
    }
    if (type === "ADDED" || type === "MODIFIED") sink.upsert(object);
    else if (type === "DELETED") sink.remove(object);
    const version = (object as { metadata?: { resourceVersion?: unknown } }).metadata?.resourceVersion;
    if (typeof version !== "string" || version === "") return;
    // A server whose store was put back sends nothing older than what was asked for, except bookmarks that tell of it.
    if (Number(version) < Number(this.#place?.version))
      throw new ApiError(410, "the server's state is older than ours");
    if (this.#place) this.#place = { ...this.#place, version };
  }

  #heard(): void {
    this.#contactAt = this.#options.clock.now();
  }

  /** Says what is wrong, and waits: longer from time to time, never the same for all kinds. */
  async #onFailure(error: unknown, signal: AbortSignal): Promise<void> {
    const { clock, log, onStatus } = this.#options;
    const { backoffMs, maxBackoffMs } = this.#timing;
    const { status, message, isExpired, isLost, isRefused } = readFailure(error);
    const kind = this.#resource?.kind;
    this.#failures += 1;
    if (isLost) this.#place = undefined;
    if (status === 404) this.#resource = undefined;
    const before = this.#message;
    this.#message = message;
    if (!isExpired) this.#setStatus(isRefused ? "frozen" : this.#contactAt === 0 ? "waiting" : "stale", message);
    if (before !== message)
      log.warn({ kind, status, reason: message }, "a watch of the API server failed: what it said last stays");
    onStatus();
    if (isRefused && this.#options.isOptional) this.#tellSettled();
    else if (status !== 404) this.#tellRelisted();
    const longest = Math.min(maxBackoffMs, backoffMs * 2 ** Math.min(this.#failures - 1, 10));
    await pause(clock, isExpired ? 0 : longest * (0.5 + Math.random() * 0.5), signal);
  }

  #setStatus(status: WatchStatus, message?: string): void {
    this.#message = message;
    if (this.#status === status) return;
    this.#status = status;
    this.#options.onStatus();
  }

  /** A rescan does not wait for a server that is away; a start does. */
  #tellRelisted(): void {
    if (this.#contactAt > 0) this.#tellSettled();
  }
}

interface Failure {
  readonly status: number;
  readonly message: string;
  /** What was compacted away, or is newer than what the server has, is found by a list. */
  readonly isExpired: boolean;
  /** Nobody knows any more whose versions we have: it is the server itself that must have said no, for them to be good. */
  readonly isLost: boolean;
  readonly isRefused: boolean;
}

function readFailure(error: unknown): Failure {
  const status = error instanceof ApiError ? error.status : 0;
  const isExpired = status === 410 || status === 504;
  return {
    status,
    message: error instanceof Error ? error.message : String(error),
    isExpired,
    isLost: status === 0 || status >= 500 || [400, 404, 410].includes(status),
    isRefused: status >= 400 && status < 500 && status !== 429 && !isExpired,
  };
}
