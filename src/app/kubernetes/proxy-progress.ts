import { byCodeUnit, monotonicClock } from "../../lib/index.ts";
import type { Versions } from "../../source/index.ts";
import type { LiveReport, XdsServer } from "../../xds/index.ts";
import type { Refused, ReplicaView } from "./replica-view.ts";

export interface ProgressParts {
  readonly xds: Pick<XdsServer, "whenLive" | "refusals">;
  readonly publisher: { readonly revision: string; readonly isCurrent: boolean };
  readonly versions: () => Versions;
}

/** How far this replica's proxies are, in versions of objects. */
export interface ProxyProgress {
  /** Call after each change of the source, when it is published. */
  onChange(this: void): void;
  /** Looks at the proxies; cheap where nothing is waited for. */
  view(this: void): Promise<ReplicaView>;
  /** Whether somebody who holds the versions of that digest holds this version of an object. */
  includes(this: void, held: string, key: string, version: string): boolean;
  /** How long ago this version was published, in ms; 0: not yet. */
  ageOf(this: void, key: string, version: string): number;
  /** Some version of an object is not held by all of this replica's proxies. */
  readonly isOpen: boolean;
}

const remembered = 256;
/** Fewer than the revisions that the xDS server remembers. */
const maxBehind = 500;
const maxText = 300;

/** Of each object it keeps in which revision its newest version was published first; a proxy that took that revision, or a later one, holds it. */
export function proxyProgress({ xds, publisher, versions }: ProgressParts): ProxyProgress {
  const included = new Map<string, { readonly version: string; readonly revision: number; readonly at: number }>();
  /** The versions at the end of each revision; the newest last. */
  const history: { readonly revision: number; readonly digest: string }[] = [];
  let last: Versions | undefined;
  let settled = 0;
  let target = 0;

  const onChange = (): void => {
    const now = versions();
    if (!publisher.isCurrent || now === last) return;
    last = now;
    const revision = Number(publisher.revision);
    for (const key of included.keys()) if (!now.byKey.has(key)) included.delete(key);
    for (const [key, version] of now.byKey)
      if (included.get(key)?.version !== version) included.set(key, { version, revision, at: monotonicClock.now() });
    if (history.at(-1)?.revision === revision) history.pop();
    history.push({ revision, digest: now.digest });
    if (history.length > remembered) history.shift();
  };
  const isOpen = (): boolean => (history.at(-1)?.revision ?? 0) > settled;
  /** One revision is followed until all have it, then the newest: with changes all the time nobody would ever hold the newest. */
  const follow = async (): Promise<LiveReport | undefined> => {
    if (!isOpen()) return undefined;
    const newest = Number(publisher.revision);
    if (target === settled || newest - target > maxBehind) target = newest;
    const report = await xds.whenLive(String(target), { timeoutMs: 0 });
    if (report.proxies.some(({ state }) => state === "waiting" || state === "failed")) return report;
    settled = target;
    return undefined;
  };
  /** Of refusals that may be of an older version only those since the revision that is followed count. */
  const refusedBy = (nacks: LiveReport["nacks"], upTo: number): [string, Refused][] =>
    nacks.flatMap((nack) =>
      nack.provenance.flatMap((line): [string, Refused][] => {
        const [, kind = "", object = "", path = ""] = /^(\S+) (\S+)(?: (\S+))?/.exec(line) ?? [];
        const key = `${kind}/${object}`;
        const found = included.get(key);
        if (!found || found.revision > upTo) return [];
        return [[key, { version: found.version, message: messageOf(nack, path) }]];
      }),
    );
  return {
    onChange,
    async view() {
      const open = await follow();
      const all = [...refusedBy(xds.refusals(), settled), ...refusedBy(open?.nacks ?? [], target)];
      const sorted = all.sort(([, a], [, b]) => byCodeUnit(b.message, a.message)); // the first by name is put in last, and stays
      const waiting = open?.proxies.filter(({ state }) => state === "waiting" || state === "failed") ?? [];
      return {
        held: history.findLast(({ revision }) => revision <= settled)?.digest ?? "",
        waiting: waiting.map(({ id }) => id),
        refused: new Map(sorted),
      };
    },
    includes: (held, key, version) => {
      const at = history.findLast(({ digest }) => digest === held);
      const found = included.get(key);
      return at !== undefined && found?.version === version && found.revision <= at.revision;
    },
    ageOf: (key, version) => {
      const found = included.get(key);
      return found?.version === version ? monotonicClock.now() - found.at : 0;
    },
    get isOpen() {
      return isOpen();
    },
  };
}

function messageOf({ proxy, type, resource, message }: LiveReport["nacks"][number], path: string): string {
  const from = path === "" || path.startsWith("(") ? "" : `; from ${path}`;
  return `${proxy} refused ${type} ${resource}: ${message.slice(0, maxText)}${from}`;
}
