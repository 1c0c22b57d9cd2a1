import { isIP } from "node:net";
import { join } from "node:path";
import { openAuthority, type KeyRing } from "../ca/index.ts";
import { systemClock, type Log, type Problem } from "../lib/index.ts";
import { parseDocuments, refOf, type MeshObject } from "../model/index.ts";
import { applyDocuments, watchDirectory, type Source } from "../source/index.ts";
import { createAdminServer, type AdminSources, type ObjectSummary, type Written } from "../web/index.ts";
import { createSecretSource, createXdsServer, type TlsCertificate } from "../xds/index.ts";
import { xdsSources } from "./admin-sources.ts";
import { createChangeMetrics } from "./change-metrics.ts";
import { describeProxy, resolveClaim } from "./describe.ts";
import { createRegistry } from "./metrics.ts";
import { Publisher } from "./publisher.ts";
import type { Settings } from "./settings.ts";
import { adminTokenFile, prepareStateDir, removeAdminAddress, writeAdminAddress } from "./state-dir.ts";
import { withAddresses } from "./up/index.ts";
import { createXdsMetrics } from "./xds-metrics.ts";

/** A control plane at work. */
export interface ControlPlane {
  readonly authority: KeyRing;
  readonly xdsPort: number;
  readonly adminUrl: string;
  objects(): readonly MeshObject[];
  /** Called after each publication; the returned function ends the subscription. */
  onPublish(listener: () => void): () => void;
  /** Ends in the order that loses nothing: no new policy, streams closed with GOAWAY, then the admin API. */
  stop(): Promise<void>;
}

const serverCertificateMs = 24 * 3_600_000;
const graceMs = 5_000;
const reloadMs = 60_000;

/** Starts everything in the order that lets nobody see half a mesh: CA, first full read, xDS, admin API. Rejects with what is wrong. */
export async function startControlPlane(settings: Settings, log: Log): Promise<ControlPlane> {
  const clock = systemClock;
  const token = await prepareStateDir(settings.stateDir);
  const authority = await openAuthority({ ...caOptions(settings), clock, log });
  const registry = createRegistry();
  const serverTls = (): Promise<TlsCertificate> => issueServerTls(authority, settings.xdsServerName);
  const xds = createXdsServer({
    host: settings.xdsAddress,
    port: settings.xdsPort,
    tls: await serverTls(),
    authenticator: authority.tokens,
    secrets: createSecretSource(authority, clock),
    describe: describeProxy,
    resolve: resolveClaim,
    clock,
    log,
    metrics: createXdsMetrics(registry),
    vhds: settings.vhds,
  });
  const listeners = new Set<() => void>();
  const changes = createChangeMetrics(registry);
  const onChange = (): void => publisher.refresh();
  const source = watchDirectory({ dir: settings.files, log, onChange, onParsed: changes.parsed });
  const objects = (): readonly MeshObject[] => withAddresses(source.objects());
  const publisher: Publisher = new Publisher(
    { objects, problems: () => source.problems() },
    (snapshot, revision) => {
      changes.published();
      xds.publish(snapshot, revision);
      for (const listener of listeners) listener();
    },
    log,
  );
  const publishFirst = publisher.hold(); // nothing is published before the first full read
  let ready = false;
  const stopRenewal = keepCertificatesFresh(
    authority,
    settings,
    async () => xds.renewCertificate(await serverTls()),
    log,
  );
  const { port } = await xds.start();
  const pages = {
    ...xdsSources(xds),
    ...policySources(settings.files, source, publisher),
    ...authoritySources(authority),
    metrics: registry,
    ready: () => ready,
  };
  const admin = createAdminServer(pages, { port: settings.adminPort, token, log });
  const adminUrl = await admin.start();
  await writeAdminAddress(settings.stateDir, adminUrl);
  await source.start();
  ready = true;
  publishFirst();
  log.info(
    { xdsPort: port, adminUrl, adminTokenFile: adminTokenFile(settings.stateDir), settings },
    "the control plane is up",
  );
  return {
    authority,
    xdsPort: port,
    adminUrl,
    objects,
    onPublish: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    stop: async () => {
      stopRenewal();
      await source.stop();
      await xds.stop({ graceMs });
      await admin.stop();
      await removeAdminAddress(settings.stateDir);
    },
  };
}

/** Renews the server's certificate at half its life, and reads a plugged-in CA again now and then: whoever made it renews its files. */
function keepCertificatesFresh(
  authority: KeyRing,
  settings: Settings,
  renew: () => Promise<void>,
  log: Log,
): () => void {
  const every = (ms: number, work: () => Promise<void>, failure: string): NodeJS.Timeout =>
    setInterval(() => void work().catch((error: unknown) => log.error({ err: error }, failure)), ms).unref();
  const timers = [every(serverCertificateMs / 2, renew, "the server's certificate could not be renewed")];
  if (settings.caDir !== undefined) timers.push(every(reloadMs, () => authority.reload(), "the CA's files are bad"));
  return () => timers.forEach(clearInterval);
}

/** The certificate of the xDS port, for all the names it is reached by. */
async function issueServerTls(authority: KeyRing, names: readonly string[]): Promise<TlsCertificate> {
  const dnsNames = names.filter((name) => isIP(name) === 0);
  const ips = names.filter((name) => isIP(name) !== 0);
  const { certificateChain, privateKey } = await authority.issueServer(dnsNames, ips, serverCertificateMs);
  return { certificate: certificateChain, privateKey };
}

/** The plugged-in CA's files carry Istio's names (istio.io: plug in CA certificates). */
function caOptions(settings: Settings): Omit<Parameters<typeof openAuthority>[0], "clock" | "log"> {
  const { caDir, stateDir, trustDomain, certificateLifetime: leafTtlMs } = settings;
  const options = { dir: join(stateDir, "ca"), trustDomain, leafTtlMs };
  if (caDir === undefined) return options;
  const at = (name: string): string => join(caDir, name);
  const files = { certificate: at("ca-cert.pem"), key: at("ca-key.pem"), root: at("root-cert.pem") };
  return { ...options, pluggedIn: { ...files, chain: at("cert-chain.pem") } };
}

/** The policy's part of what the admin API shows and does. */
function policySources(
  dir: string,
  source: Source,
  publisher: Publisher,
): Pick<AdminSources, "problems" | "objects" | "apply"> {
  return {
    problems: () => publisher.problems(),
    objects: () => source.objects().map((object) => summaryOf(object, publisher.problems())),
    apply: (text, file) => applyPolicy(dir, text, file, source, publisher),
  };
}

/** The authority's part of it. */
function authoritySources(authority: KeyRing): Pick<AdminSources, "createToken" | "ca"> {
  return {
    createToken: (request) => authority.tokens.createToken(request),
    ca: { trustDomain: authority.trustDomain, bundle: () => authority.bundle() },
  };
}

/** Whatever number of files it is written to, it becomes one publication, whose revision is in the answer. */
async function applyPolicy(
  dir: string,
  text: string,
  file: string,
  source: Source,
  publisher: Publisher,
): Promise<Written> {
  const publish = publisher.hold();
  const { objects: parsed } = parseDocuments(text, file);
  try {
    const { files, problems } = await applyDocuments(dir, text, source.objects(), file);
    const refused = problems.some(({ level }) => level === "error");
    if (refused) return { written: false, revision: publisher.revision, objects: [], problems };
    if (files.length > 0) await source.rescan();
    publish();
    return { written: true, revision: publisher.revision, objects: parsed.map(refOf), problems };
  } finally {
    publish();
  }
}

function summaryOf(object: MeshObject, problems: readonly Problem[]): ObjectSummary {
  const { kind, metadata, origin } = object;
  const { namespace, name } = metadata;
  const mine = problems.filter(({ object: of }) => of?.kind === kind && of.namespace === namespace && of.name === name);
  const { file, line } = origin.at([]);
  return { kind, namespace, name, file, line, problems: mine.length };
}
