import { isDeepStrictEqual } from "node:util";
import type { Clock, Log } from "../../lib/index.ts";
import { admitMember, memberEntry, memberName, probeOf, withMembers, type Member } from "../../mesh/index.ts";
import type { MeshObject } from "../../model/index.ts";
import type { GroupNotice, Memberships } from "../../xds/index.ts";
import { groupFor } from "./groups.ts";
import type { Ledger } from "./ledger.ts";

/** How long a workload whose stream is gone keeps its entry: Istio's PILOT_WORKLOAD_ENTRY_GRACE_PERIOD. */
const graceMs = 10_000;

/** The workloads that have joined groups by this control plane. */
export interface Members extends Memberships {
  /** These objects and the entries of members; the same array while nothing changes. */
  withEntries(this: void, objects: readonly MeshObject[]): readonly MeshObject[];
  /**
   * Tells members what is new to them. Call when the objects have been published: one who has joined starts Envoy when it is
   * told, and Envoy must not ask before it is known whose it is.
   */
  notify(this: void): void;
  /** Takes up those of the last run: who has not come back after the grace period has left. */
  restore(this: void, members: readonly Member[]): void;
  /** Nobody is taken out any more. Resolves when all is written down. */
  stop(this: void): Promise<void>;
}

export interface MembersOptions {
  /** The objects without entries of members. */
  readonly objects: () => readonly MeshObject[];
  /**
   * Entries have changed: this leads to a publication, and that to `notify`. Where the entries come back from elsewhere there is no such
   * thing, and members are told at once.
   */
  readonly onChange?: () => void;
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly log: Log;
}

interface Held {
  member: Member;
  /** Whose word counts: the newest stream; undefined where it is gone. */
  owner?: object;
  tell?: (notice: GroupNotice) => void;
  told?: GroupNotice;
  /** Ends the grace period. */
  cancel?: () => void;
}

/** https://istio.io/latest/docs/ops/deployment/vm-architecture/#workload-registration */
export function createMembers(options: MembersOptions): Members {
  return new MemberTable(options);
}

class MemberTable implements Members {
  readonly #options: MembersOptions;
  readonly #held = new Map<string, Held>();
  #members: readonly Member[] = [];
  #merged: { readonly objects: readonly MeshObject[]; readonly members: unknown; readonly all: readonly MeshObject[] };
  #isStopped = false;

  constructor(options: MembersOptions) {
    this.#options = options;
    this.#merged = { objects: [], members: this.#members, all: [] };
  }

  readonly withEntries: Members["withEntries"] = (objects) => {
    if (this.#merged.objects !== objects || this.#merged.members !== this.#members)
      this.#merged = { objects, members: this.#members, all: withMembers(objects, this.#members) };
    return this.#merged.all;
  };

  readonly join: Memberships["join"] = (identity, claim, tell) => {
    const group = this.#groupOf(identity.namespace, claim.group);
    const admitted = admitMember(group, identity, claim);
    if ("refused" in admitted) return admitted;
    const { member } = admitted;
    const made = group && memberEntry(group, member);
    if (made && "refused" in made) return made;
    const key = keyOf(member);
    const known = this.#held.get(key);
    const held = known ?? { member };
    held.cancel?.();
    delete held.cancel;
    delete held.told;
    const owner = (held.owner = {});
    held.tell = tell;
    this.#held.set(key, held);
    this.#options.log.info({ workload: key, group: claim.group }, "a workload has joined its group");
    if (known && isDeepStrictEqual(known.member, member)) this.#notifyOne(held);
    else this.#set(held, member);
    this.#options.ledger.joined(held.member);
    const isOwner = (): boolean => this.#held.get(key) === held && held.owner === owner;
    return {
      onHealth: (healthy, message) => {
        if (!isOwner() || held.member.healthy === healthy) return;
        this.#options.log.info({ workload: key, healthy, message }, "the health of a workload has changed");
        const { unwell: _before, ...member } = held.member;
        this.#set(held, { ...member, healthy, ...(!healthy && message !== "" && { unwell: message }) });
      },
      onLeave: () => {
        if (isOwner()) this.#remove(key, "a workload has left its group");
      },
      onLost: () => {
        if (isOwner()) this.#lose(key, held);
      },
    };
  };

  readonly notify: Members["notify"] = () => {
    for (const held of this.#held.values()) this.#notifyOne(held);
  };

  readonly restore: Members["restore"] = (members) => {
    for (const member of members) {
      const held: Held = { member: Object.freeze(member) };
      if (this.#held.has(keyOf(member))) continue;
      this.#held.set(keyOf(member), held);
      this.#lose(keyOf(member), held);
    }
    this.#members = [...this.#held.values()].map(({ member }) => member);
  };

  readonly stop: Members["stop"] = () => {
    this.#isStopped = true;
    for (const held of this.#held.values()) held.cancel?.();
    return this.#options.ledger.settled();
  };

  #groupOf(namespace: string, name: string): MeshObject<"WorkloadGroup"> | undefined {
    return groupFor(this.#options.objects(), namespace, name);
  }

  #set(held: Held, member: Member): void {
    held.member = Object.freeze(member);
    this.#changed();
    if (!this.#options.onChange) this.#notifyOne(held);
  }

  #lose(key: string, held: Held): void {
    delete held.owner;
    delete held.tell;
    if (this.#isStopped) return;
    held.cancel = this.#options.clock.after(graceMs, () => this.#remove(key, "a workload has not come back"));
  }

  #remove(key: string, why: string): void {
    const held = this.#held.get(key);
    held?.cancel?.();
    if (!this.#held.delete(key)) return;
    this.#options.log.info({ workload: key }, why);
    this.#changed();
  }

  #changed(): void {
    this.#members = [...this.#held.values()].map(({ member }) => member);
    this.#options.ledger.write(this.#members);
    this.#options.onChange?.();
  }

  #notifyOne(held: Held): void {
    const { namespace, group } = held.member;
    const found = held.tell && this.#groupOf(namespace, group);
    if (!found) return; // it stays as it is until its group is back
    const probe = probeOf(found);
    const notice: GroupNotice = { entry: memberName(held.member), ...(probe && { probe }) };
    if (isDeepStrictEqual(held.told, notice)) return;
    held.told = notice;
    held.tell?.(notice);
  }
}

const keyOf = (member: Member): string => `${member.namespace}/${memberName(member)}`;
