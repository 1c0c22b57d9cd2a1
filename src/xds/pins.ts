import type { Identity } from "../ca/index.ts";
import { nameSet, noNames, plus, type NameSet } from "./name-set.ts";

const remembered = { identities: 10_000, clusters: 10_000 };

/**
 * The clusters that the sidecars of an identity have asked for, so that the next one has them before its first request. They are the
 * memory of this process: after a restart what the sidecars that come back have asked for is known again.
 */
export class Pins {
  readonly #used = new Map<string, NameSet>();

  of(identity: Identity | undefined): NameSet {
    return (identity && this.#used.get(keyOf(identity))) ?? noNames;
  }

  /** Of more identities than are ever seen in a mesh, those that asked last are remembered. */
  add(identity: Identity, names: NameSet): void {
    if (names.size === 0) return;
    const key = keyOf(identity);
    const before = this.#used.get(key) ?? noNames;
    const known = plus(before, names);
    if (known === before) return;
    this.#used.delete(key);
    this.#used.set(key, known.size > remembered.clusters ? nameSet([...known].slice(-remembered.clusters)) : known);
    const [oldest] = this.#used.keys();
    if (oldest !== undefined && this.#used.size > remembered.identities) this.#used.delete(oldest);
  }
}

function keyOf({ trustDomain, namespace, serviceAccount }: Identity): string {
  return `${trustDomain}/${namespace}/${serviceAccount}`;
}
