import { chown, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { waitFor } from "../../../e2e/harness/index.ts";
import { askEnvoy } from "../../../src/app/up/admin-socket.ts";
import { startProcess, type RunningProcess } from "../../../src/app/up/index.ts";
import type { Fields } from "./json.ts";

const proxyUid = 1337; // whose traffic iptables leaves alone

export interface EnvoyOptions {
  readonly name: string; // of its folder and log
  readonly envoy: string;
  readonly namespace: string;
  readonly directory: string;
  readonly logDirectory: string;
  /** A tool to run it under, by the folder that is its own. */
  readonly under?: (folder: string) => readonly string[];
}

export interface StartedEnvoy extends RunningProcess {
  readonly folder: string;
}

/** Starts a stock Envoy with a configuration of its own beside a pod's sidecar, as the same user. Resolves when it serves. */
export async function startEnvoy(options: EnvoyOptions, bootstrap: Fields): Promise<StartedEnvoy> {
  const { name, envoy, namespace, logDirectory, under } = options;
  const folder = join(options.directory, name);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await chown(folder, proxyUid, proxyUid);
  const admin = join(folder, "admin.sock");
  const path = join(folder, "bootstrap.json");
  const config = {
    ...bootstrap,
    admin: { address: { pipe: { path: admin } } },
    ...(under && { stats_flush_interval: "299s" }), // what is done by the clock and not for a request stays out of the count
  };
  await writeFile(path, JSON.stringify(config), { mode: 0o600 });
  await chown(path, proxyUid, proxyUid);
  const words = ["-c", path, "--concurrency", "1", "--disable-hot-restart", "-l", "error"];
  // A tool that is told what to do by a debugger's means stays root; iptables leaves the proxy's group alone as well.
  const asGroup = ["setpriv", "--regid", `${proxyUid}`, "--clear-groups", "--"];
  const envoyProcess = await startProcess({
    ...(under
      ? { command: [...asGroup, ...under(folder), envoy, ...words] }
      : { command: [envoy, ...words], executable: envoy, uid: proxyUid }),
    namespace,
    cwd: "/",
    env: { PATH: process.env["PATH"] ?? "" },
    logFile: join(logDirectory, `${name}.log`),
  });
  await waitFor(
    `${name} to serve (${envoyProcess.logFile})`,
    async () => (await askEnvoy(admin, "/ready")).status === 200,
    { timeoutMs: 120_000 },
  );
  return { ...envoyProcess, folder };
}
