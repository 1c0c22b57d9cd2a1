import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Log } from "../../lib/index.ts";
import type { Member } from "../../mesh/index.ts";
import type { Ledger } from "./ledger.ts";

/** Remembers who has joined, so that a control plane that starts again does not forget where traffic goes. */
export interface MembersFile extends Ledger {
  /** Those of the last run; nobody where there is no such file, or none that can be read. */
  read(this: void): Promise<readonly Member[]>;
}

/** `members.json` of a state directory, readable by its owner only. */
export function membersFile(stateDir: string, log: Log): MembersFile {
  const file = join(stateDir, "members.json");
  let wanted: readonly Member[] | undefined;
  let writing = Promise.resolve();
  const writeOut = async (): Promise<void> => {
    if (!wanted) return; // a call before this one has written it
    const text = JSON.stringify(wanted);
    wanted = undefined;
    const draft = `${file}.${process.pid}`;
    await writeFile(draft, text, { mode: 0o600 });
    await rename(draft, file);
  };
  return {
    async read() {
      try {
        const found: unknown = JSON.parse(await readFile(file, "utf8"));
        return Array.isArray(found) ? found.filter(isMember) : [];
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "ENOENT")
          log.warn({ err: error, file }, "who had joined a group cannot be read: they join again");
        return [];
      }
    },
    write(members) {
      wanted = members;
      writing = writing
        .then(writeOut)
        .catch((error: unknown) => log.error({ err: error, file }, "who has joined a group cannot be written down"));
    },
    joined: () => undefined,
    settled: () => writing,
  };
}

function isMember(value: unknown): value is Member {
  if (typeof value !== "object" || value === null) return false;
  const { labels, healthy, unwell = "", ...texts } = value as Readonly<Record<string, unknown>>;
  const names = ["group", "namespace", "serviceAccount", "address", "network", "locality"];
  if (!names.every((name) => typeof texts[name] === "string")) return false;
  if (typeof unwell !== "string") return false;
  if (healthy !== undefined && typeof healthy !== "boolean") return false;
  if (typeof labels !== "object" || labels === null) return false;
  return Object.values(labels).every((label) => typeof label === "string");
}
