import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { byCodeUnit } from "../lib/index.ts";

/** What tells one state of a file from another, without reading it. */
export interface FileStat {
  /** Device, inode and time of birth: another one means that a new file was renamed to this place. */
  readonly identity: string;
  /** Changes with every write. */
  readonly signature: string;
  readonly size: number;
  readonly modifiedAt: number;
}

/** Policy files of a tree, by path, and the folders they stand in. */
export interface Listing {
  readonly files: ReadonlyMap<string, FileStat>;
  /** Folder -> its identity: to watch, and to see that another was put in its place. */
  readonly folders: ReadonlyMap<string, string>;
  /** Paths that are there and cannot be looked at: nothing below them is gone. */
  readonly hidden: readonly string[];
}

const maxFolders = 32;

/**
 * Lists `*.yaml`, `*.yml` and `*.json` below a folder, or the one file that `path` is. Names with a leading dot are passed over:
 * editors' swap files, and the hidden folders of a mounted ConfigMap, whose files are symbolic links into them.
 * Rejects when the folder itself cannot be read; what vanishes while listing is left out.
 */
export async function listFiles(path: string): Promise<Listing> {
  const files = new Map<string, FileStat>();
  const folders = new Map<string, string>();
  const hidden: string[] = [];
  const root = await stat(path, { bigint: true });
  if (root.isDirectory()) await listFolder(path, identityOf(root), [], { files, folders, hidden });
  else files.set(path, statOf(root));
  return { files: new Map([...files].sort(([a], [b]) => byCodeUnit(a, b))), folders, hidden };
}

interface Found {
  readonly files: Map<string, FileStat>;
  readonly folders: Map<string, string>;
  readonly hidden: string[];
}

async function listFolder(folder: string, identity: string, above: readonly string[], found: Found): Promise<void> {
  // A symbolic link may lead back up.
  if (above.includes(identity) || above.length >= maxFolders) return;
  found.folders.set(folder, identity);
  const names = (await readdir(folder)).filter((name) => !name.startsWith("."));
  await Promise.all(
    names.map(async (name) => {
      const path = join(folder, name);
      const miss = (error: NodeJS.ErrnoException) => {
        if (error.code !== "ENOENT") found.hidden.push(path);
      };
      const entry = await stat(path, { bigint: true }).catch(miss);
      if (entry?.isDirectory()) await listFolder(path, identityOf(entry), [...above, identity], found).catch(miss);
      else if (entry?.isFile() && isPolicyName(name)) found.files.set(path, statOf(entry));
    }),
  );
}

interface BigStat {
  readonly dev: bigint;
  readonly ino: bigint;
  readonly size: bigint;
  readonly mtimeNs: bigint;
  readonly ctimeNs: bigint;
  readonly birthtimeNs: bigint;
}

/** With the time of birth, since the number of a deleted file is soon given to another. */
const identityOf = ({ dev, ino, birthtimeNs }: BigStat): string => `${dev}:${ino}:${birthtimeNs}`;

/** What a stat says of a file. */
export function statOf(entry: BigStat): FileStat {
  const identity = identityOf(entry);
  return {
    identity,
    signature: `${identity} ${entry.size} ${entry.mtimeNs} ${entry.ctimeNs}`,
    size: Number(entry.size),
    modifiedAt: Number(entry.mtimeNs / 1_000_000n),
  };
}

/** True for names of files that are read. */
export function isPolicyName(name: string): boolean {
  return !name.startsWith(".") && /\.(?:ya?ml|json)$/i.test(name);
}

/** The state of one file; undefined when it is none, or cannot be looked at. */
export async function statFile(path: string): Promise<FileStat | undefined> {
  const entry = await stat(path, { bigint: true }).catch(() => undefined);
  return entry?.isFile() ? statOf(entry) : undefined;
}
