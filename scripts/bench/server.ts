import { execFile, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const node = "node_modules/.bin/node";
// As bin/heddle.
const nodeOptions = ["--max-semi-space-size=4", "--no-parallel-scavenge", "--expose-gc"];
const malloc = {
  MALLOC_ARENA_MAX: "1",
  MALLOC_MMAP_THRESHOLD_: "65536",
  MALLOC_TRIM_THRESHOLD_: "65536",
  MALLOC_TOP_PAD_: "65536",
};
const main = "dist/src/main.js";
const [xdsPort, adminPort] = [27_012, 27_080];
const namespaces = 10; // those of the generated mesh

/** The built server at work on a mesh. */
export interface Server {
  readonly address: string;
  readonly pid: number;
  readonly tls: { readonly roots: string; readonly serverName: string; readonly tokens: string };
  /** Values of its metrics by name, summed over labels. */
  metrics(): Promise<ReadonlyMap<string, number>>;
  stop(): Promise<void>;
}

/** Starts the built server, TLS and tokens on, and waits until it serves. Rejects with its log when it ends before. */
export async function startServer(mesh: string, stateDir: string): Promise<Server> {
  const flags = ["--state-dir", stateDir, "--xds-port", `${xdsPort}`, "--admin-port", `${adminPort}`];
  const child = spawn(node, [...nodeOptions, main, "serve", "-f", mesh, ...flags], {
    stdio: ["ignore", "ignore", "pipe"],
    env: { ...process.env, ...malloc },
  });
  await untilUp(child);
  const roots = join(stateDir, "roots.pem");
  await writeFile(roots, await heddle("ca", "bundle", "--state-dir", stateDir));
  const tokens = join(stateDir, "tokens.json");
  await writeFile(tokens, JSON.stringify(await createTokens(stateDir)), { mode: 0o600 });
  return {
    address: `127.0.0.1:${xdsPort}`,
    pid: child.pid ?? 0,
    tls: { roots, serverName: "localhost", tokens },
    metrics: () => readMetrics(stateDir),
    stop: () => stop(child),
  };
}

/** Ends a process and waits for it. */
export async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill();
  await once(child, "exit");
}

async function heddle(...args: readonly string[]): Promise<string> {
  return (await run(node, [main, ...args])).stdout;
}

async function createTokens(stateDir: string): Promise<Record<string, string>> {
  const tokens: Record<string, string> = {};
  for (let i = 0; i < namespaces; i++) {
    const who = ["-n", `ns-${i}`, "-s", "default", "--ttl", "2h"];
    tokens[`ns-${i}/default`] = (await heddle("token", "create", ...who, "--state-dir", stateDir)).trim();
  }
  return tokens;
}

async function untilUp(child: ChildProcess): Promise<void> {
  let log = "";
  await new Promise<void>((resolve, reject) => {
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      log = (log + text).slice(-10_000);
      if (log.includes("the control plane is up")) resolve();
    });
    child.once("exit", () => reject(new Error(`the server ended:\n${log}`)));
  });
}

async function readMetrics(stateDir: string): Promise<ReadonlyMap<string, number>> {
  const token = (await readFile(join(stateDir, "admin.token"), "utf8")).trim();
  const response = await fetch(`http://127.0.0.1:${adminPort}/metrics`, {
    headers: { authorization: `Bearer ${token}` },
  });
  const values = new Map<string, number>();
  for (const [, name = "", value] of (await response.text()).matchAll(/^([a-z0-9_]+)(?:\{.*\})? (\S+)$/gm))
    values.set(name, (values.get(name) ?? 0) + Number(value));
  return values;
}
