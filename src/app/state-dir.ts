import { randomBytes } from "node:crypto";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Failure } from "./failure.ts";

/** Where a running server says how to reach its admin API; the token beside it is readable by its owner alone. */
interface AdminAddress {
  readonly url: string;
  readonly pid: number;
}

const addressFile = (stateDir: string): string => join(stateDir, "admin.json");
export const adminTokenFile = (stateDir: string): string => join(stateDir, "admin.token");

/** Makes the directory and this run's admin token (mode 0600), and returns the token. */
export async function prepareStateDir(stateDir: string): Promise<string> {
  await mkdir(stateDir, { recursive: true, mode: 0o700 });
  const token = randomBytes(32).toString("base64url");
  await replaceFile(adminTokenFile(stateDir), token);
  return token;
}

export async function writeAdminAddress(stateDir: string, url: string): Promise<void> {
  await replaceFile(addressFile(stateDir), JSON.stringify({ url, pid: process.pid } satisfies AdminAddress));
}

export async function removeAdminAddress(stateDir: string): Promise<void> {
  await rm(addressFile(stateDir), { force: true });
}

/** Where the server of this state directory listens; a clear failure where none runs. */
export async function readAdminUrl(stateDir: string): Promise<string> {
  const text = await readFile(addressFile(stateDir), "utf8").catch(() => {
    throw new Failure(
      `no server runs with state directory ${stateDir} (start one with "heddle serve" or name another with --state-dir)`,
    );
  });
  return (JSON.parse(text) as AdminAddress).url;
}

async function replaceFile(path: string, text: string): Promise<void> {
  const fresh = `${path}.${process.pid}`;
  await writeFile(fresh, text, { mode: 0o600 });
  await rename(fresh, path);
}
