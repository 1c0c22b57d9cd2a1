import { link, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Failure } from "../failure.ts";
import { removeNetwork } from "./namespaces.ts";

/** Where running meshes keep their files; in memory, so that a reboot cleans it. */
const runtimeRoot = "/run/heddle";

interface Owner {
  readonly pid: number;
  readonly startedAt: string; // of the process, in the kernel's ticks: a pid alone may be somebody else's by now
}

/** Short, as names of interfaces begin with it. */
const meshId = /^[a-z][a-z0-9]{0,7}$/;

function directoryOfMesh(id: string): string {
  return join(runtimeRoot, id);
}

const ownerFile = (id: string) => join(runtimeRoot, `${id}.owner`);

async function startOf(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" "); // from the third on; the second may hold anything
  return fields[0] === "Z" ? undefined : fields[19]; // one that nobody has buried yet owns nothing
}

async function livingOwner(id: string): Promise<Owner | undefined> {
  try {
    const owner = JSON.parse(await readFile(ownerFile(id), "utf8")) as Owner;
    return (await startOf(owner.pid)) === owner.startedAt ? owner : undefined;
  } catch {
    return undefined; // no owner, or a file that nobody finished
  }
}

async function removeMesh(id: string): Promise<void> {
  await removeNetwork(id);
  await rm(directoryOfMesh(id), { recursive: true, force: true });
  await rm(ownerFile(id), { force: true });
}

/** Removes what runs that were killed left behind: processes, namespaces, interfaces, files. Returns their ids. */
async function removeLeftovers(): Promise<string[]> {
  const names = await readdir(runtimeRoot).catch(() => []);
  const removed: string[] = [];
  for (const name of names) {
    const id = name.endsWith(".owner") ? name.slice(0, -".owner".length) : "";
    if (!meshId.test(id) || (await livingOwner(id))) continue;
    await removeMesh(id);
    removed.push(id);
  }
  return removed;
}

/** Makes this process the owner of a mesh id, its directory empty. Rejects with Failure while another process is. */
export async function claimMesh(id: string): Promise<{ directory: string; release: () => Promise<void> }> {
  if (!meshId.test(id)) throw new Failure(`the id of a mesh is 1 to 8 of a-z and 0-9, a letter first: ${id}`);
  await mkdir(runtimeRoot, { recursive: true, mode: 0o755 });
  await removeLeftovers();
  const owner: Owner = { pid: process.pid, startedAt: (await startOf(process.pid)) ?? "" };
  const draft = `${ownerFile(id)}.${process.pid}`;
  await writeFile(draft, JSON.stringify(owner));
  try {
    await link(draft, ownerFile(id)); // whole or not at all, and for one process alone
  } catch {
    const other = await livingOwner(id);
    throw new Failure(`mesh ${id} runs already${other ? `, as process ${other.pid}` : ""}`);
  } finally {
    await rm(draft, { force: true });
  }
  await removeNetwork(id);
  await rm(directoryOfMesh(id), { recursive: true, force: true });
  await mkdir(directoryOfMesh(id), { mode: 0o711 });
  return { directory: directoryOfMesh(id), release: () => removeMesh(id) };
}
