import { coalesce, systemClock, type Clock, type Log, type Problem } from "../../lib/index.ts";
import type { MeshObject } from "../../model/index.ts";
import type { Source } from "../directory.ts";
import { ObjectTable } from "../object-table.ts";
import { openApi, type Access, type Api } from "./api.ts";
import { findResource, type Discovered } from "./discovery.ts";
import { Informer, type Timing } from "./informer.ts";
import { ObjectSink, type OnObject } from "./object-sink.ts";
import { Pace } from "./pace.ts";
import { builtInResources, customKinds, type Resource } from "./resource.ts";
import { SecretWatches } from "./secret-watches.ts";
import { generationOf } from "./raw-object.ts";
import type { LiveVerdict } from "./condition.ts";
import { StatusWriter } from "./status-writer.ts";
import { VersionBook, type Versions } from "./versions.ts";
import { watchProblem } from "./watch-problem.ts";
import { watchState, type Watched, type WatchState } from "./watch-state.ts";

/** The Kubernetes API as the source of objects. */
export interface KubernetesSource extends Source {
  watches(): readonly WatchState[];
  /** What the policy in `objects()` was made of. */
  versions(): Versions;
  /** What `live` of the options says has changed: conditions follow. */
  judgeLive(): void;
}

export interface KubernetesOptions {
  readonly kubeConfig: Access;
  /** Heddle's own namespace: the ConfigMap `heddle` there holds the MeshConfig. */
  readonly namespace: string;
  readonly log: Log;
  /** Objects or problems have changed; several changes in a short time are one call. */
  readonly onChange: () => void;
  /** Whether this replica writes status conditions and Events; without it none does. */
  readonly isLeader?: () => boolean;
  /** The Secrets that are needed, each `namespace/name`, as told by the other objects; the same array while they stay. None without it. */
  readonly wantedSecrets?: (objects: readonly MeshObject[]) => readonly string[];
  /** How far this version of a policy object has come, by its key in `versions()`; undefined: nothing to say yet. */
  readonly live?: (key: string, version: string) => LiveVerdict | undefined;
  readonly clock?: Clock;
  /** For tests. */
  readonly timing?: Partial<Timing>;
}

const quietMs = 100;
const maxQuietMs = 10_000;
/** A little more than the second in which one request may be sent: clocks differ. */
const paceMs = 1050;
const discoveryMs = 10_000;

/**
 * Reads Services, EndpointSlices, Pods, Namespaces, Nodes, the mesh's ConfigMap and every kind of the model that the API server serves
 * as a CRD; keeps them up to date whatever happens to the connection (FAULTS F37 to F40).
 */
export function openKubernetesSource(options: KubernetesOptions): KubernetesSource {
  return new ApiSource(options);
}

class ApiSource implements KubernetesSource {
  readonly #api: Api;
  readonly #clock: Clock;
  readonly #table = new ObjectTable();
  readonly #watched: readonly Watched[];
  readonly #secrets: SecretWatches;
  readonly #wantedSecrets: NonNullable<KubernetesOptions["wantedSecrets"]>;
  readonly #changed: ReturnType<typeof coalesce>;
  readonly #status: StatusWriter;
  readonly #versions = new VersionBook();
  #isStarted = false;
  #discovered: { readonly at: number; readonly answers: Discovered } = { at: -Infinity, answers: new Map() };
  #problems: { readonly of: readonly Problem[]; readonly own: string; readonly all: readonly Problem[] } | undefined;

  constructor(options: KubernetesOptions) {
    const { kubeConfig, namespace, log, onChange, isLeader = () => false, clock = systemClock, timing } = options;
    const { live } = options;
    this.#api = openApi(kubeConfig);
    this.#clock = clock;
    this.#changed = coalesce({ quietMs, maxMs: maxQuietMs, clock }, () => {
      void this.#secrets.follow(this.#wantedSecrets(this.#table.objects()));
      onChange();
    });
    this.#status = new StatusWriter({ api: this.#api, clock, log, isLeader, ...(live && { live }) });
    this.#wantedSecrets = options.wantedSecrets ?? (() => []);
    const pace = new Pace(clock, paceMs);
    type Locate = () => Promise<Resource | undefined>;
    const watch = (kind: string, order: number, locate: Locate, isOptional = false): Watched => {
      const tell = (): void => this.#onChange();
      const isPolicy = customKinds.some((custom) => custom.kind === kind);
      const onObject: OnObject = (key, now) => {
        if (isPolicy) this.#versions.set(key, now && generationOf(now.raw));
        this.#status.onObject(kind, key, now);
      };
      const sink = new ObjectSink(kind, { table: this.#table, log, onChange: tell, onObject });
      const informer = new Informer({
        api: this.#api,
        sink,
        pace,
        clock,
        log,
        order,
        locate,
        isOptional,
        onStatus: tell,
        ...(timing && { timing }),
      });
      return { kind, informer, sink };
    };
    const always = builtInResources(namespace);
    this.#watched = [
      ...always.map((resource, order) => watch(resource.kind, order, () => Promise.resolve(resource))),
      ...customKinds.map((wanted, index) =>
        watch(wanted.kind, always.length + index, async () => {
          const resource = await findResource(this.#api, wanted, this.#answers());
          if (resource?.hasStatus) this.#status.setResource(resource);
          return resource;
        }),
      ),
    ];
    const last = this.#watched.length; // when all has to be read again, gateways keep the Secrets that they have
    this.#secrets = new SecretWatches((it) => watch(it.kind, last, () => Promise.resolve(it), true));
  }

  async start(): Promise<void> {
    // The clock's timers keep no process alive, and at its start nothing else may.
    const alive = setInterval(() => undefined, 60_000);
    await Promise.all(this.#watched.map(({ informer }) => informer.start()));
    await this.#secrets.follow(this.#wantedSecrets(this.#table.objects()));
    clearInterval(alive);
    this.#isStarted = true;
    this.#changed(); // what was said meanwhile may need other Secrets
    this.#status.start();
  }

  objects(): readonly MeshObject[] {
    return this.#table.objects();
  }

  problems(): readonly Problem[] {
    const now = this.#clock.now();
    const own = [
      ...this.#watched.flatMap(({ informer, kind, sink }) => watchProblem(kind, informer, sink.size, now) ?? []),
      ...this.#secrets.problems(now),
    ];
    const of = this.#table.problems();
    const text = JSON.stringify(own);
    if (this.#problems?.of !== of || this.#problems.own !== text)
      this.#problems = { of, own: text, all: [...own, ...of] };
    return this.#problems.all;
  }

  watches(): readonly WatchState[] {
    const each = [...this.#watched.map((watched) => [watched]), this.#secrets.all];
    return each.flatMap((watches) => watchState(watches) ?? []);
  }

  versions(): Versions {
    return this.#versions.versions;
  }

  judgeLive(): void {
    this.#status.judgeLive();
  }

  async rescan(): Promise<void> {
    await Promise.all(this.#watched.map(({ informer }) => informer.relist()));
    await this.#secrets.relist();
  }

  async stop(): Promise<void> {
    this.#changed.cancel();
    await this.#status.stop();
    await this.#secrets.stop();
    await Promise.all(this.#watched.map(({ informer }) => informer.stop()));
    this.#api.close();
  }

  #onChange(): void {
    if (this.#isStarted) this.#changed();
  }

  /** What the server says of its kinds is asked once for all of them, and soon again. */
  #answers(): Discovered {
    const now = this.#clock.now();
    if (now - this.#discovered.at > discoveryMs) this.#discovered = { at: now, answers: new Map() };
    return this.#discovered.answers;
  }
}
