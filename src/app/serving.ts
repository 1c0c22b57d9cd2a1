import { isIP } from "node:net";
import type { Registry } from "prom-client";
import type { Authenticator, KeyRing } from "../ca/index.ts";
import { systemClock, type Log, type Problem } from "../lib/index.ts";
import type { MeshObject } from "../model/index.ts";
import type { AdminSources, ObjectSummary } from "../web/index.ts";
import {
  createSecretSource,
  createXdsServer,
  type Memberships,
  type TlsCertificate,
  type XdsServer,
} from "../xds/index.ts";
import { xdsSources } from "./admin-sources.ts";
import { createChangeMetrics, type ChangeMetrics } from "./change-metrics.ts";
import { describeCredentials, describeLack, describeProxy, resolveClaim } from "./describe.ts";
import { Publisher } from "./publisher.ts";
import { createRehearsal } from "./rehearsal.ts";
import type { ServingSettings } from "./settings.ts";
import { createTidying } from "./tidy.ts";
import { createXdsMetrics } from "./xds-metrics.ts";

/** What serving needs, wherever the policy comes from. */
export interface ServingParts {
  readonly authority: KeyRing;
  readonly authenticator: Authenticator;
  readonly settings: ServingSettings;
  readonly registry: Registry;
  readonly source: { objects(): readonly MeshObject[]; problems(): readonly Problem[] };
  /** Whether the CA may be renewed behind our back: it is read again each minute then. */
  readonly reloads: boolean;
  /** Groups that workloads may join. */
  readonly memberships?: Memberships;
  readonly log: Log;
}

/** The part of a control plane that is the same wherever the policy comes from: publication, the xDS port and its certificates. */
export interface Serving {
  readonly xds: XdsServer;
  readonly publisher: Publisher;
  readonly changes: ChangeMetrics;
  /** What the admin API shows of it. */
  readonly pages: Omit<AdminSources, "apply" | "metrics" | "ready">;
  /** Called after each publication; the returned function ends the subscription. */
  onPublish(this: void, listener: () => void): () => void;
  /** Streams end with GOAWAY; what is left after five seconds is cut. */
  stop(this: void): Promise<void>;
}

const serverCertificateMs = 24 * 3_600_000;
const graceMs = 5_000;
const reloadMs = 60_000;

/** Nothing listens yet: `xds.start` does that. */
export async function createServing(parts: ServingParts): Promise<Serving> {
  const { authority, authenticator, settings, registry, source, memberships, log } = parts;
  const serverTls = (): Promise<TlsCertificate> => issueServerTls(authority, settings.xdsServerName);
  const xds = createXdsServer({
    host: settings.xdsAddress,
    port: settings.xdsPort,
    tls: await serverTls(),
    authenticator,
    secrets: createSecretSource(authority, systemClock),
    describe: describeProxy,
    credentials: describeCredentials,
    lack: describeLack,
    resolve: resolveClaim,
    clock: systemClock,
    log,
    metrics: createXdsMetrics(registry),
    vhds: settings.vhds,
    ...(memberships && { memberships }),
  });
  const changes = createChangeMetrics(registry);
  const listeners = new Set<() => void>();
  const rehearse = createRehearsal(settings.vhds, () => xds.isIdle, createTidying(log));
  const publisher = new Publisher(
    source,
    (snapshot, revision) => {
      changes.published();
      xds.publish(snapshot, revision);
      rehearse(snapshot);
      for (const listener of listeners) listener();
    },
    log,
  );
  const stopRenewal = keepCertificatesFresh(parts, async () => xds.renewCertificate(await serverTls()));
  return {
    xds,
    publisher,
    changes,
    pages: {
      ...xdsSources(xds),
      problems: () => publisher.problems(),
      objects: () => source.objects().map((object) => summaryOf(object, publisher.problems())),
      createToken: (request) => authority.tokens.createToken(request),
      ca: { trustDomain: authority.trustDomain, bundle: () => authority.bundle() },
    },
    onPublish: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    stop: async () => {
      stopRenewal();
      await xds.stop({ graceMs });
    },
  };
}

/** Renews the server's certificate at half its life and when the CA changes, and reads the CA again now and then where others renew it. */
function keepCertificatesFresh({ authority, reloads, log }: ServingParts, renew: () => Promise<void>): () => void {
  const attempt = (work: () => Promise<void>, failure: string): void =>
    void work().catch((error: unknown) => log.error({ err: error }, failure));
  const renewed = (): void => attempt(renew, "the server's certificate could not be renewed");
  const timers = [setInterval(renewed, serverCertificateMs / 2).unref()];
  const reload = (): void => attempt(() => authority.reload(), "the CA cannot be read again: the one we have stays");
  if (reloads) timers.push(setInterval(reload, reloadMs).unref());
  const stopFollowing = authority.onBundle(renewed);
  return () => {
    stopFollowing();
    timers.forEach(clearInterval);
  };
}

/** The certificate of one of our TLS ports, for all the names it is reached by. */
export async function issueServerTls(authority: KeyRing, names: readonly string[]): Promise<TlsCertificate> {
  const dnsNames = names.filter((name) => isIP(name) === 0);
  const ips = names.filter((name) => isIP(name) !== 0);
  const { certificateChain, privateKey } = await authority.issueServer(dnsNames, ips, serverCertificateMs);
  return { certificate: certificateChain, privateKey };
}

function summaryOf(object: MeshObject, problems: readonly Problem[]): ObjectSummary {
  const { kind, metadata, origin } = object;
  const { namespace, name } = metadata;
  const mine = problems.filter(({ object: of }) => of?.kind === kind && of.namespace === namespace && of.name === name);
  const { file, line } = origin.at([]);
  return { kind, namespace, name, file, line, problems: mine.length };
}
