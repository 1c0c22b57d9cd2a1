import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { run } from "../../../src/app/up/index.ts";
import { leadThrough, type Lane } from "./lane.ts";
import { sendRequests, type Scenario } from "./load.ts";

/** Instructions of a request in user space, in either sidecar: the same on a busy machine as on a quiet one, to a percent or two. */
export interface Instructions {
  readonly client: number;
  readonly server: number;
}

const warmUp = 160;
const requests = 800;

/** What an Envoy is started under to be counted: https://valgrind.org/docs/manual/cl-manual.html (Debian package `valgrind`). */
export function countingCommand(folder: string): string[] {
  return [
    "valgrind",
    `--vgdb-prefix=${join(folder, "vgdb")}`,
    "--tool=callgrind",
    "--instr-atstart=no",
    `--callgrind-out-file=${join(folder, "count")}`,
  ];
}

/** Counts over requests that follow others of their kind: connections stand, and memory has been taken. */
export async function countInstructions(
  lane: Lane,
  folders: readonly [client: string, server: string],
  scenario: Scenario,
  namespaces: readonly [client: string, server: string],
): Promise<Instructions> {
  const send = (count: number) => sendRequests(namespaces[0], lane.urlFor(scenario.version), scenario, count);
  const tell = async (...command: string[]) => {
    for (const [at, pid] of lane.pids.entries()) {
      await run(["vgdb", `--pid=${pid}`, `--vgdb-prefix=${join(folders[at] ?? "", "vgdb")}`, ...command], "", 120_000);
    }
  };
  await leadThrough(lane, namespaces);
  await send(warmUp);
  await tell("instrumentation", "on");
  await send(warmUp);
  await tell("zero");
  await send(requests);
  await tell("dump", "requests");
  await tell("instrumentation", "off");
  const [client, server] = folders;
  return {
    client: Math.round((await lastCount(client)) / requests),
    server: Math.round((await lastCount(server)) / requests),
  };
}

/** The newest dump is the one with the highest number. */
async function lastCount(folder: string): Promise<number> {
  const numbers = (await readdir(folder)).flatMap((name) => /^count\.(\d+)$/.exec(name)?.[1] ?? []).map(Number);
  const text = await readFile(join(folder, `count.${Math.max(...numbers)}`), "latin1");
  return Number(/^totals: (\d+)/m.exec(text)?.[1]);
}
