import type { Registry } from "prom-client";
import { makeAuthority, openAuthority, type KeyRing } from "../../ca/index.ts";
import { connectApi, createTokenReviewer, rootSecret, type KubernetesApi } from "../../cluster/index.ts";
import { systemClock, type Log } from "../../lib/index.ts";
import { wantedSecrets } from "../../mesh/index.ts";
import { openKubernetesSource, type KubernetesSource } from "../../source/index.ts";
import { createAdminServer, createMonitoringServer } from "../../web/index.ts";
import { createMembers } from "../groups/members.ts";
import { createRegistry, recordStart } from "../metrics.ts";
import { createWatchMetrics } from "../watch-metrics.ts";
import { createServing, type Serving } from "../serving.ts";
import { prepareStateDir, removeAdminAddress, writeAdminAddress } from "../state-dir.ts";
import { version } from "../version.ts";
import { startLiveConditions, type LiveConditions } from "./live-conditions.ts";
import { byKindOfToken } from "./authenticator.ts";
import { candidateCheck } from "./candidate-check.ts";
import { loadKubeConfig } from "./connection.ts";
import { startLeadership, type Leadership } from "./leadership.ts";
import { memberEntries, removeStaleEntries } from "./member-entries.ts";
import { namespaceNames, podUids } from "./objects.ts";
import { applyElsewhere } from "./policy.ts";
import { watchRights, type RightsWatch } from "./rights.ts";
import type { ClusterSettings } from "./settings.ts";
import { startClusterWebhooks } from "./webhooks.ts";

/** A control plane in a cluster, on its way up or at work. */
export interface ClusterPlane {
  /** Resolves when proxies are served. Rejects with what keeps that from ever happening; trouble that may pass is waited out. */
  readonly started: Promise<void>;
  /** Not ready at once, the lease given back, then the ports, at the end the streams. Within ten seconds; never rejects. */
  stop(): Promise<void>;
}

const clock = systemClock;
/** From "not ready" to the closing of ports: Services and the API server have to hear of it first. */
const drainMs = 2_000;

/** Starts what `heddle serve --kubernetes` is. */
export function openClusterPlane(settings: ClusterSettings, log: Log): ClusterPlane {
  const plane = new Plane(settings, log);
  return { started: plane.start(), stop: () => plane.stop() };
}

class Plane {
  readonly #settings: ClusterSettings;
  readonly #log: Log;
  readonly #registry: Registry = createRegistry();
  readonly #stopping = new AbortController();
  /** What is to be stopped, in the order it was started. */
  readonly #started: (() => Promise<unknown>)[] = [];
  #ready = false;
  #leadership: Leadership | undefined;
  #rights: RightsWatch | undefined;

  constructor(settings: ClusterSettings, log: Log) {
    this.#settings = settings;
    this.#log = log;
  }

  async start(): Promise<void> {
    const settings = this.#settings;
    const log = this.#log;
    // First of all, so that the kubelet sees that we live, and are not ready.
    const remarks = (): readonly string[] => this.#rights?.missing().map((right) => `missing right: ${right}`) ?? [];
    const state = { ready: () => this.#ready, metrics: this.#registry, remarks };
    const monitoring = createMonitoringServer(state, settings.monitoringListen);
    this.#started.push(monitoring.stop);
    const monitoringPort = await monitoring.start();
    const kubeConfig = await loadKubeConfig(settings.kubeconfig, log);
    const api = connectApi(kubeConfig);
    this.#rights = watchRights(api, settings.podNamespace, log);
    const known: { authority?: KeyRing; serving?: Serving; live?: LiveConditions } = {};
    const namespaces = (): readonly string[] => namespaceNames(source.objects());
    const objects = (): ReturnType<KubernetesSource["objects"]> => source.objects();
    const upkept = {
      bundle: () => known.authority?.bundle(),
      namespaces,
      removeStaleEntries: () => removeStaleEntries(api, settings.podNamespace, objects(), clock.now()),
    };
    const leadership = startLeadership(api, settings, upkept, log);
    this.#leadership = leadership;
    const { isLeader } = leadership;
    const source: KubernetesSource = openKubernetesSource({
      ...{ kubeConfig, namespace: settings.podNamespace, log, clock, isLeader, wantedSecrets },
      live: (key, version) => known.live?.verdict(key, version),
      onChange: () => {
        known.serving?.publisher.refresh();
        known.live?.onChange();
        leadership.nudge();
      },
    });
    this.#started.push(() => source.stop());
    createWatchMetrics(this.#registry, source);
    const synced = source.start(); // while the CA is opened
    const authority = (known.authority = await this.#openAuthority(api, isLeader));
    authority.onBundle(leadership.nudge);
    const podUid = (namespace: string, pod: string): string | undefined =>
      podUids(source.objects()).get(`${namespace}/${pod}`);
    const reviewer = createTokenReviewer({ api, trustDomain: settings.trustDomain, clock, log, podUid });
    const entries = memberEntries({
      api,
      replica: `${settings.podNamespace}/${settings.podName}`,
      objects,
      clock,
      log,
    });
    const members = createMembers({ objects, ledger: entries, clock, log });
    this.#started.push(members.stop);
    const serving = (known.serving = await createServing({
      ...{ authority, authenticator: byKindOfToken(reviewer, authority.tokens), settings, source, log },
      ...{ registry: this.#registry, reloads: true, memberships: members },
    }));
    serving.onPublish(() => {
      members.notify();
      entries.follow();
    });
    const publishFirst = serving.publisher.hold(); // nothing is published before the first full list of every kind
    this.#started.push(serving.stop);
    const { port: xdsPort } = await serving.xds.start();
    const adminUrl = await this.#startAdmin(serving);
    await this.#unlessStopped(synced);
    const webhooks = await startClusterWebhooks({
      ...{ api, authority, settings, objects, log },
      check: candidateCheck(serving.publisher, objects, log),
      registry: this.#registry,
    });
    this.#started.push(webhooks.stop);
    publishFirst();
    const versions = (): ReturnType<KubernetesSource["versions"]> => source.versions();
    const live = (known.live = startLiveConditions({ api, settings, source, versions, isLeader, log, ...serving }));
    this.#started.push(live.stop);
    live.onChange();
    leadership.nudge();
    this.#ready = true;
    const ports = { xdsPort, webhookPort: webhooks.port, monitoringPort };
    log.info({ version, ...recordStart(this.#registry), ...ports, adminUrl, settings }, "the control plane is up");
  }

  async stop(): Promise<void> {
    const { stop: resign = () => Promise.resolve() } = this.#leadership ?? {};
    const wasReady = this.#ready;
    this.#ready = false;
    this.#rights?.stop();
    this.#stopping.abort(new Error("stopped before it was up"));
    await Promise.all([resign(), wasReady ? new Promise((resolve) => setTimeout(resolve, drainMs)) : undefined]);
    for (const stop of this.#started.reverse())
      await stop().catch((error: unknown) => this.#log.error({ err: error }, "a part could not be stopped"));
  }

  /** The CA of all replicas, from the Secret that the leader makes. */
  async #openAuthority(api: KubernetesApi, isLeader: () => boolean): Promise<KeyRing> {
    const { podNamespace, trustDomain, certificateLifetime: leafTtlMs } = this.#settings;
    const place = { namespace: podNamespace, name: "heddle-ca" };
    const make = (): ReturnType<typeof makeAuthority> => makeAuthority(trustDomain, clock.now());
    const log = this.#log;
    const secret = rootSecret({ api, place, isLeader, make, clock, log });
    await secret.open(this.#stopping.signal);
    return openAuthority({ stored: secret.read, trustDomain, leafTtlMs, clock, log });
  }

  async #startAdmin(serving: Serving): Promise<string> {
    const { stateDir, adminPort: port } = this.#settings;
    const token = await prepareStateDir(stateDir);
    const pages = { ...serving.pages, apply: applyElsewhere, metrics: this.#registry, ready: () => this.#ready };
    const admin = createAdminServer(pages, { port, token, log: this.#log });
    this.#started.push(() => admin.stop());
    const adminUrl = await admin.start();
    this.#started.push(() => removeAdminAddress(stateDir));
    await writeAdminAddress(stateDir, adminUrl);
    return adminUrl;
  }

  /** Rejects when we are to stop meanwhile. */
  #unlessStopped(work: Promise<void>): Promise<void> {
    const { signal } = this.#stopping;
    return new Promise((resolve, reject) => {
      signal.throwIfAborted();
      signal.addEventListener("abort", () => reject(signal.reason as Error));
      work.then(resolve, reject);
    });
  }
}
