import { createHash } from "node:crypto";
import { byCodeUnit } from "../../lib/index.ts";

/** Which version of each policy object the API server gave us last: `uid generation`, by `Kind/namespace/name`. A value: it never changes. */
export interface Versions {
  readonly byKey: ReadonlyMap<string, string>;
  /** The same for two replicas exactly when all of it is the same. */
  readonly digest: string;
}

/** Keeps the versions; a new value only after a change. */
export class VersionBook {
  #byKey = new Map<string, string>();
  #read: Versions | undefined;

  /** Undefined: the object is gone. */
  set(key: string, version: string | undefined): void {
    if (this.#byKey.get(key) === version) return;
    if (this.#read) this.#byKey = new Map(this.#byKey); // what was given out stays as it is
    this.#read = undefined;
    if (version === undefined) this.#byKey.delete(key);
    else this.#byKey.set(key, version);
  }

  get versions(): Versions {
    return (this.#read ??= { byKey: this.#byKey, digest: digestOf(this.#byKey) });
  }
}

function digestOf(byKey: ReadonlyMap<string, string>): string {
  const hash = createHash("sha256");
  for (const key of [...byKey.keys()].sort(byCodeUnit)) hash.update(`${key} ${byKey.get(key) ?? ""}\n`);
  return hash.digest("base64url");
}
