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
}

/** Starts a stock Envoy with a configuration of its own beside a pod's sidecar, as the same user. Resolves when it serves. */
export async function startEnvoy(options: EnvoyOptions, bootstrap: Fields): Promise<RunningProcess> {
  const { name, envoy, namespace, logDirectory } = options;
  const folder = join(options.directory, name);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await chown(folder, proxyUid, proxyUid);
  const admin = join(folder, "admin.sock");
  const path = join(folder, "bootstrap.json");
  await writeFile(path, JSON.stringify({ ...bootstrap, admin: { address: { pipe: { path: admin } } } }), { mode: 0o600 });
  await chown(path, proxyUid, proxyUid);
  const envoyProcess = await startProcess({
    command: [envoy, "-c", path, "--concurrency", "1", "--disable-hot-restart", "-l", "warning"],
    executable: envoy,
    uid: proxyUid,
    namespace,
    cwd: "/",
    env: {},
    logFile: join(logDirectory, `${name}.log`),
  });
  await waitFor(`${name} to serve (${envoyProcess.logFile})`, async () => (await askEnvoy(admin, "/ready")).status === 200);
  return envoyProcess;
}
