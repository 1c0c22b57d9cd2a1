import { join } from "node:path";
import { openAuthority, type KeyRing } from "../ca/index.ts";
import { coalesce, systemClock, type Log } from "../lib/index.ts";
import { parseDocuments, refOf, type MeshObject } from "../model/index.ts";
import { applyDocuments, watchDirectory, type Source } from "../source/index.ts";
import { createAdminServer, type Written } from "../web/index.ts";
import { createMembers } from "./groups/members.ts";
import { membersFile } from "./groups/members-file.ts";
import { createRegistry } from "./metrics.ts";
import type { Publisher } from "./publisher.ts";
import { createServing, type Serving } from "./serving.ts";
import type { Settings } from "./settings.ts";
import { adminTokenFile, prepareStateDir, removeAdminAddress, writeAdminAddress } from "./state-dir.ts";
import { withAddresses } from "./up/index.ts";

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

/** Workloads that join together are one publication, as edits of files are. */
const pace = { quietMs: 100, maxMs: 10_000 };

/** Starts everything in the order that lets nobody see half a mesh: CA, first full read, xDS, admin API. Rejects with what is wrong. */
export async function startControlPlane(settings: Settings, log: Log): Promise<ControlPlane> {
  const token = await prepareStateDir(settings.stateDir);
  const authority = await openAuthority({ ...caOptions(settings), clock: systemClock, log });
  const registry = createRegistry();
  const clock = systemClock;
  const read = (): readonly MeshObject[] => withAddresses(source.objects());
  const joined = coalesce({ ...pace, clock }, () => publisher.refresh());
  const file = membersFile(settings.stateDir, log);
  const members = createMembers({ objects: read, onChange: joined, ledger: file, clock, log });
  const objects = (): readonly MeshObject[] => members.withEntries(read());
  const serving: Serving = await createServing({
    ...{ authority, authenticator: authority.tokens, settings, registry, log },
    source: { objects, problems: () => source.problems() },
    reloads: settings.caDir !== undefined,
    memberships: members,
  });
  const { xds, publisher, changes } = serving;
  const onChange = (): void => publisher.refresh();
  const source = watchDirectory({ dir: settings.files, log, onChange, onParsed: changes.parsed });
  const publishFirst = publisher.hold(); // nothing is published before the first full read
  serving.onPublish(members.notify);
  let ready = false;
  const { port } = await xds.start();
  const apply = (text: string, file: string): Promise<Written> =>
    applyPolicy(settings.files, text, file, source, publisher);
  const pages = { ...serving.pages, apply, metrics: registry, ready: () => ready };
  const admin = createAdminServer(pages, { port: settings.adminPort, token, log });
  const adminUrl = await admin.start();
  await writeAdminAddress(settings.stateDir, adminUrl);
  await source.start();
  members.restore(await file.read());
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
    onPublish: serving.onPublish,
    stop: async () => {
      await source.stop();
      await serving.stop();
      joined.cancel();
      await members.stop();
      await admin.stop();
      await removeAdminAddress(settings.stateDir);
    },
  };
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
