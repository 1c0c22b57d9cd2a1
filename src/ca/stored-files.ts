import { randomBytes } from "node:crypto";
import { mkdir, open, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { AuthorityError } from "./authority-error.ts";

/** Text by file name. */
type StoredFiles = Readonly<Record<string, string>>;

/** What went wrong with a file, without its content: `ENOENT`. */
export function codeOf(error: unknown): string {
  const { code } = (error ?? {}) as { code?: unknown };
  return typeof code === "string" ? code : "unknown error";
}

/**
 * Makes the folder `dir/name` with the files that `make` yields (text by file name) where it is not there, all or nothing: a crash at any point leaves either the whole
 * folder or none. Of two processes that try at once one wins, and both find the winner's files afterwards.
 * Folder 0700, files 0600, all on disk (fsync) before they can be seen. Rejects with AuthorityError.
 */
export async function createOnce(
  dir: string,
  name: string,
  make: () => StoredFiles | Promise<StoredFiles>,
): Promise<void> {
  const target = join(dir, name);
  const draft = join(dir, `.${name}-${randomBytes(8).toString("hex")}`);
  try {
    if (await isThere(target)) return;
    await mkdir(dir, { recursive: true, mode: 0o700 });
    await mkdir(draft, { mode: 0o700 });
    for (const [file, text] of Object.entries(await make())) await writeSynced(join(draft, file), text);
    await syncFolder(draft);
    // Renaming a folder fails where a folder with files is already: that is the lock.
    await rename(draft, target);
    await syncFolder(dir);
  } catch (error) {
    await rm(draft, { recursive: true, force: true }).catch(() => undefined);
    if (!(await isThere(target))) throw new AuthorityError(`CA directory ${dir} cannot be written: ${codeOf(error)}`);
  }
}

/** Removes what a killed process left half made. Only once `name` stands: whoever is still making one has lost then. */
export async function removeDrafts(dir: string, name: string): Promise<void> {
  const entries = await readdir(dir).catch(() => []);
  const drafts = entries.filter((entry) => entry.startsWith(`.${name}-`));
  await Promise.all(
    drafts.map((entry) => rm(join(dir, entry), { recursive: true, force: true }).catch(() => undefined)),
  );
}

/** Whether there is a file or folder of this name that we can see. */
export async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

async function writeSynced(path: string, text: string): Promise<void> {
  const file = await open(path, "wx", 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
