import { keepMemberEntry, removeMemberEntry, removeStaleEntry, type KubernetesApi } from "../../cluster/index.ts";
import { memo, type Clock, type Log } from "../../lib/index.ts";
import { memberName, writeMemberEntry, type Member } from "../../mesh/index.ts";
import type { MeshObject } from "../../model/index.ts";
import { groupFor } from "../groups/groups.ts";
import type { Ledger } from "../groups/ledger.ts";

export interface MemberEntriesOptions {
  readonly api: KubernetesApi;
  readonly replica: string; // namespace/pod
  readonly objects: () => readonly MeshObject[];
  readonly clock: Clock;
  readonly log: Log;
}

/** The entries of this replica's members at the API server, from which all replicas read them. */
export interface MemberEntries extends Ledger {
  /** Groups may have changed: entries follow. */
  follow(this: void): void;
}

type Group = MeshObject<"WorkloadGroup">;

interface Kept {
  member: Member;
  isMember: boolean;
  connectedAt: string;
  /** What was written last. */
  written?: { readonly group: Group; readonly member: Member; readonly connectedAt: string };
  /** A change came while the last one was being written. */
  isDue: boolean;
  isBusy: boolean;
  failures: number;
}

const retry = { firstMs: 1_000, mostMs: 30_000 };
/** Entries that are written at the same time; the others wait. */
const atOnce = 8;

/** Writes down members as WorkloadEntries, as Istio does; several replicas agree by the annotations that say who wrote last. */
export function memberEntries(options: MemberEntriesOptions): MemberEntries {
  return new Entries(options);
}

class Entries implements MemberEntries {
  readonly #options: MemberEntriesOptions;
  readonly #kept = new Map<string, Kept>();
  readonly #queue: string[] = [];
  readonly #busy = new Set<Promise<void>>();
  #isStopped = false;

  constructor(options: MemberEntriesOptions) {
    this.#options = options;
  }

  readonly write: Ledger["write"] = (members) => {
    const keys = new Set<string>();
    for (const member of members) {
      keys.add(keyOf(member));
      const kept = this.#kept.get(keyOf(member));
      if (!kept) this.#begin(member);
      else if (kept.member !== member || !kept.isMember) {
        Object.assign(kept, { member, isMember: true });
        this.#due(keyOf(member), kept);
      }
    }
    for (const [key, kept] of this.#kept) {
      if (keys.has(key) || !kept.isMember) continue;
      kept.isMember = false;
      this.#due(key, kept);
    }
  };

  readonly joined: Ledger["joined"] = (member) => {
    const kept = this.#kept.get(keyOf(member));
    if (!kept) return;
    kept.connectedAt = this.#now();
    this.#due(keyOf(member), kept);
  };

  readonly follow: MemberEntries["follow"] = () => {
    const there = entriesIn(this.#options.objects());
    for (const [key, kept] of this.#kept) {
      if (!kept.isMember || !this.#groupOf(kept.member)) continue;
      if (!there.has(key)) delete kept.written; // somebody has deleted it, or it is still on its way to us
      if (kept.written?.group !== this.#groupOf(kept.member)) this.#due(key, kept);
    }
  };

  readonly settled: Ledger["settled"] = async () => {
    this.#isStopped = true;
    await Promise.all(this.#busy);
  };

  #begin(member: Member): void {
    const state = { isMember: true, isDue: false, isBusy: false, failures: 0 };
    const kept: Kept = { member, connectedAt: this.#now(), ...state };
    this.#kept.set(keyOf(member), kept);
    this.#due(keyOf(member), kept);
  }

  #now(): string {
    return new Date(this.#options.clock.now()).toISOString();
  }

  #groupOf({ namespace, group }: Member): Group | undefined {
    return groupFor(this.#options.objects(), namespace, group);
  }

  #due(key: string, kept: Kept): void {
    if (kept.isDue) return;
    kept.isDue = true;
    this.#queue.push(key);
    this.#serve();
  }

  #serve(): void {
    while (this.#busy.size < atOnce && !this.#isStopped) {
      const next = this.#queue.findIndex((key) => !this.#kept.get(key)?.isBusy);
      const [key] = next < 0 ? [] : this.#queue.splice(next, 1);
      const kept = key === undefined ? undefined : this.#kept.get(key);
      if (key === undefined) return;
      if (!kept) continue;
      const work = this.#settle(key, kept).finally(() => {
        this.#busy.delete(work);
        this.#serve();
      });
      this.#busy.add(work);
    }
  }

  async #settle(key: string, kept: Kept): Promise<void> {
    kept.isDue = false;
    kept.isBusy = true;
    try {
      if (kept.isMember) await this.#keep(kept);
      else await this.#remove(key, kept);
      kept.failures = 0;
    } catch (error) {
      const { clock, log } = this.#options;
      if (kept.failures === 0)
        log.warn({ err: error, workload: key }, "an entry could not be written: it is tried again");
      const ms = Math.min(retry.firstMs * 2 ** kept.failures, retry.mostMs);
      kept.failures += 1;
      clock.after(ms, () => this.#due(key, kept));
    } finally {
      kept.isBusy = false;
    }
  }

  async #keep(kept: Kept): Promise<void> {
    const { member, connectedAt } = kept;
    const group = this.#groupOf(member);
    if (!group) return; // Kubernetes removes what the group owned
    const { written } = kept;
    if (written?.group === group && written.member === member && written.connectedAt === connectedAt) return;
    const entry = withOwner(writeMemberEntry(group, member), group);
    await keepMemberEntry(this.#options.api, { entry, replica: this.#options.replica, connectedAt });
    kept.written = { group, member, connectedAt };
  }

  async #remove(key: string, { member, written }: Kept): Promise<void> {
    const { api, replica } = this.#options;
    const { namespace } = member;
    const apiVersion = written?.group.apiVersion ?? this.#groupOf(member)?.apiVersion;
    if (apiVersion) await removeMemberEntry(api, { apiVersion, namespace, name: memberName(member) }, replica);
    if (!this.#kept.get(key)?.isMember) this.#kept.delete(key);
  }
}

const entriesIn = memo(
  (objects: readonly MeshObject[]): ReadonlySet<string> =>
    new Set(
      objects.flatMap(({ kind, metadata }) =>
        kind === "WorkloadEntry" ? [`${metadata.namespace}/${metadata.name}`] : [],
      ),
    ),
);

const keyOf = (member: Member): string => `${member.namespace}/${memberName(member)}`;

/** In the version in which the server has groups, and owned by the group: with it the entry goes. */
function withOwner(
  entry: ReturnType<typeof writeMemberEntry>,
  { apiVersion, metadata: { name, uid } }: Group,
): Readonly<Record<string, unknown>> {
  const owner = { apiVersion, kind: "WorkloadGroup", name, uid, controller: true };
  return {
    ...entry,
    apiVersion,
    metadata: { ...entry.metadata, ...(uid !== undefined && { ownerReferences: [owner] }) },
  };
}

/** Connections end at half an hour, and each new one is written down: who was not for so long is gone, and its replica too. Istio's bound. */
const staleMs = 45 * 60_000;

/**
 * Removes entries of workloads that vanished together with the replica of ours, of this namespace, that would have seen it. For the leader, now
 * and then; what an Istio beside us keeps is its own.
 */
export async function removeStaleEntries(
  api: KubernetesApi,
  ourNamespace: string,
  objects: readonly MeshObject[],
  now: number,
): Promise<void> {
  for (const { kind, apiVersion, metadata } of objects) {
    if (kind !== "WorkloadEntry") continue;
    const { namespace, name, annotations } = metadata;
    const connectedAt = annotations["istio.io/connectedAt"];
    const isOurs = annotations["istio.io/workloadController"]?.startsWith(`${ourNamespace}/`) === true;
    if (!isOurs || connectedAt === undefined || !(now - Date.parse(connectedAt) > staleMs)) continue;
    await removeStaleEntry(api, { apiVersion, namespace, name }, connectedAt);
  }
}
