import { replicaReports, type KubernetesApi, type ReplicaReports } from "../../cluster/index.ts";
import { monotonicClock, type Log } from "../../lib/index.ts";
import type { KubernetesSource, LiveVerdict } from "../../source/index.ts";
import { proxyProgress, type ProgressParts, type ProxyProgress } from "./proxy-progress.ts";
import { formatView, parseView, type ReplicaView } from "./replica-view.ts";
import type { ClusterSettings } from "./settings.ts";

export interface LiveParts extends ProgressParts {
  readonly api: KubernetesApi;
  readonly settings: Pick<ClusterSettings, "podName" | "podNamespace">;
  readonly source: Pick<KubernetesSource, "judgeLive">;
  readonly isLeader: () => boolean;
  readonly log: Log;
}

/** Whether the proxies of all replicas hold an object: what the condition `heddle.io/Live` says. */
export interface LiveConditions {
  /** The source has changed, and that is published. */
  readonly onChange: () => void;
  readonly verdict: (key: string, version: string) => LiveVerdict | undefined;
  readonly stop: () => Promise<void>;
}

const tickMs = 250;
const openMs = 1_000; // between two reads or writes of the reports while something is waited for
const idleMs = 10_000; // without; a third of the time after which a replica counts as gone
/** Most changes are live sooner: nobody is told that they are waited for. */
const patienceMs = 2_000;

const farewellMs = 1_000;

const live: LiveVerdict = { status: "True", reason: "Live", message: "every connected proxy holds this version" };

/**
 * Each replica knows its own proxies, and tells the others by its entry in the ConfigMap `heddle-live`: on a change, at most once a second,
 * and as a sign of life every ten. The leader puts them together. A replica that fell silent counts no more after 30 s: its
 * proxies are gone to others.
 */
export function startLiveConditions(parts: LiveParts): LiveConditions {
  const { log } = parts;
  const board = new Board(parts);
  let isFailing = false;
  let running: Promise<void> | undefined;
  const attempt = async (): Promise<void> => {
    try {
      await board.tick();
      isFailing = false;
    } catch (error) {
      if (!isFailing)
        log.warn({ err: error }, "what other replicas' proxies hold cannot be told or read: it is tried again");
      isFailing = true;
    }
    running = undefined;
  };
  const timer = setInterval(() => void (running ??= attempt()), tickMs).unref();
  return {
    onChange: board.onChange,
    verdict: board.verdict,
    stop: async () => {
      clearInterval(timer);
      const farewell = Promise.resolve(running).then(() => board.withdraw());
      await Promise.race([farewell, new Promise<void>((resolve) => monotonicClock.after(farewellMs, resolve))]);
    },
  };
}

class Board {
  readonly #parts: LiveParts;
  readonly #progress: ProxyProgress;
  readonly #reports: ReplicaReports;
  #views: readonly ReplicaView[] = [];
  #judged = "";
  #written = "";
  #isTold = false;
  #beat = 0;
  #wroteAt = -Infinity;
  #readAt = -Infinity;
  /** Objects that are not live everywhere, when they were last looked at. */
  #open = 0;

  constructor(parts: LiveParts) {
    const { api, settings } = parts;
    const place = { namespace: settings.podNamespace, name: "heddle-live" };
    this.#parts = parts;
    this.#progress = proxyProgress(parts);
    this.#reports = replicaReports({ api, place, replica: settings.podName });
  }

  readonly onChange = (): void => this.#progress.onChange();

  readonly verdict = (key: string, version: string): LiveVerdict | undefined => {
    const views = this.#views;
    if (views.length === 0) return undefined; // we do not lead
    const refusal = views.map(({ refused }) => refused.get(key)).find((found) => found?.version === version);
    if (refusal) return { status: "False", reason: "Refused", message: refusal.message };
    if (views.every(({ held }) => this.#progress.includes(held, key, version))) return live;
    this.#open += 1;
    if (this.#progress.ageOf(key, version) < patienceMs) return undefined;
    const waiting = [...new Set(views.flatMap((view) => view.waiting))].slice(0, 3).join(", ");
    const message = `waiting for ${waiting === "" ? "another replica of the control plane" : waiting}`;
    return { status: "Unknown", reason: "Waiting", message };
  };

  async tick(): Promise<void> {
    const now = monotonicClock.now();
    const isLeader = this.#parts.isLeader();
    if (!isLeader) [this.#views, this.#judged, this.#open, this.#readAt] = [[], "", 0, -Infinity];
    const isOpen = this.#progress.isOpen || this.#open > 0;
    const isDue = !this.#isTold || now - this.#wroteAt >= idleMs || (isLeader && now - this.#readAt >= idleMs);
    if (!isOpen && !isDue) return;
    const own = await this.#progress.view();
    await this.#tell(own, now);
    if (isLeader) await this.#judge(own, now, isOpen);
  }

  withdraw(): Promise<void> {
    return this.#reports.withdraw();
  }

  async #tell(own: ReplicaView, now: number): Promise<void> {
    const text = formatView(own, "");
    this.#isTold = text === this.#written;
    if (now - this.#wroteAt < (this.#isTold ? idleMs : openMs)) return;
    this.#wroteAt = now;
    this.#beat += 1;
    await this.#reports.write(formatView(own, String(this.#beat)));
    this.#written = text;
    this.#isTold = true;
  }

  async #judge(own: ReplicaView, now: number, isOpen: boolean): Promise<void> {
    if (now - this.#readAt < (isOpen ? openMs : idleMs)) return;
    this.#readAt = now;
    const others = await this.#reports.readOthers();
    this.#views = [own, ...others.map(({ text }) => parseView(text))];
    const state = this.#views.map((view) => formatView(view, "")).join("\n");
    if (state === this.#judged && !isOpen) return;
    this.#judged = state;
    this.#open = 0;
    this.#parts.source.judgeLive();
  }
}
