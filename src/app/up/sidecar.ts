import { chmod, chown, mkdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import {
  buildBootstrap,
  buildRootSecret,
  buildTokenSecret,
  type Bootstrap,
  type ControlPlaneEndpoint,
  type ProxyFiles,
  type WorkloadNode,
} from "../../node/index.ts";
import { formatProblem } from "../../lib/index.ts";
import { Failure } from "../failure.ts";
import { askEnvoy, type AdminAnswer } from "./admin-socket.ts";
import { lastLines, startProcess, type RunningProcess } from "./processes.ts";

/** Who the proxy runs as: the only one whose traffic is not taken over. */
const proxyUid = 1337;

export interface SidecarOptions {
  readonly node: WorkloadNode;
  readonly namespace?: string; // network namespace
  readonly controlPlane: ControlPlaneEndpoint;
  readonly roots: string; // PEM
  readonly token: string;
  readonly directory: string; // made, private to the proxy, and removed by `remove`
  readonly envoy: string;
  readonly concurrency?: number; // worker threads; 1
  readonly drainSeconds?: number; // 45
  readonly runtime?: Readonly<Record<string, string>>; // Envoy's own switches
  readonly env?: Readonly<Record<string, string>>; // {}
  readonly logFile: string;
  readonly logLevel?: string; // warning
  readonly protocol?: "DELTA_GRPC" | "GRPC";
}

/** What a sidecar reads, on disk. A rotated token or root is noticed without a restart. */
export interface SidecarFiles {
  readonly bootstrap: string;
  readonly adminSocket: string;
  writeToken(token: string): Promise<void>;
  writeRoots(pem: string): Promise<void>;
  remove(): Promise<void>;
}

/** Puts a file in its place whole, readable by the proxy alone: Envoy watches for renames. */
async function replacePrivate(path: string, text: string, uid: number | undefined): Promise<void> {
  const draft = `${path}.new`;
  await writeFile(draft, text, { mode: 0o600 });
  if (uid !== undefined) await chown(draft, uid, uid);
  await rename(draft, path);
}

/** Where a sidecar's files are in its directory. */
export function proxyFiles(directory: string): ProxyFiles {
  const at = (name: string) => join(directory, name);
  return {
    caFile: at("roots/roots.pem"),
    tokenFile: at("token/token"),
    tokenSecretFile: at("token-secret.json"),
    rootSecretFile: at("root-secret.json"),
  };
}

/** Writes the bootstrap and what it refers to, except token and roots; returns the bootstrap's path. */
export async function writeProxyFiles(
  directory: string,
  bootstrap: Bootstrap,
  files: ProxyFiles,
  uid?: number,
): Promise<string> {
  await makePrivate(directory, uid);
  await replacePrivate(files.tokenSecretFile, JSON.stringify(buildTokenSecret(files.tokenFile)), uid);
  await replacePrivate(files.rootSecretFile, JSON.stringify(buildRootSecret(files.caFile)), uid);
  const path = join(directory, "bootstrap.json");
  await replacePrivate(path, JSON.stringify(bootstrap, null, 2), uid);
  return path;
}

async function makePrivate(folder: string, uid: number | undefined): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await chmod(folder, 0o700);
  if (uid !== undefined) await chown(folder, uid, uid);
}

async function writeSidecarFiles(options: SidecarOptions): Promise<SidecarFiles> {
  const { directory, node, controlPlane, protocol, runtime } = options;
  const files = proxyFiles(directory);
  const adminSocket = join(directory, "admin.sock");
  const built = buildBootstrap({
    node,
    controlPlane,
    files,
    adminSocket,
    ...(protocol ? { protocol } : {}),
    ...(runtime ? { runtime } : {}),
  });
  if (!built.value) throw new Failure(built.problems.map(formatProblem).join("\n"), 1);
  const bootstrap = await writeProxyFiles(directory, built.value, files, proxyUid);
  for (const file of [files.caFile, files.tokenFile]) await makePrivate(dirname(file), proxyUid);
  const writeToken = (token: string) => replacePrivate(files.tokenFile, token, proxyUid);
  const writeRoots = (pem: string) => replacePrivate(files.caFile, pem, proxyUid);
  await writeToken(options.token);
  await writeRoots(options.roots);
  const remove = () => rm(directory, { recursive: true, force: true });
  return { bootstrap, adminSocket, writeToken, writeRoots, remove };
}

/** Istio's `drainDuration`: how long connections may go on under a policy that has changed. Envoy's own is ten minutes. */
const usualDrainSeconds = 45;

/** Envoy's arguments; hot restart needs shared memory that several Envoys of one machine would fight for. */
export function envoyArguments(
  bootstrap: string,
  concurrency: number,
  logLevel: string,
  drainSeconds = usualDrainSeconds,
): string[] {
  return [
    ...["-c", bootstrap, "--concurrency", `${concurrency}`, "--disable-hot-restart", "-l", logLevel],
    ...["--drain-time-s", `${drainSeconds}`],
  ];
}

export interface Sidecar {
  readonly process: RunningProcess;
  readonly files: SidecarFiles;
  /** Resolves when Envoy has its first configuration and serves. Rejects with Failure when it ended, or after `timeoutMs`. */
  untilReady(timeoutMs: number): Promise<void>;
  admin(path: string, method?: string): Promise<AdminAnswer>;
}

/** Starts a stock Envoy as the proxy's user. */
export async function startSidecar(options: SidecarOptions): Promise<Sidecar> {
  const { logFile, namespace, envoy } = options;
  const files = await writeSidecarFiles(options);
  await rm(files.adminSocket, { force: true });
  const { concurrency = 1, logLevel = "warning", drainSeconds } = options;
  const words = envoyArguments(files.bootstrap, concurrency, logLevel, drainSeconds);
  const process = await startProcess({
    command: [envoy, ...words],
    executable: envoy,
    uid: proxyUid,
    logFile,
    cwd: "/",
    env: options.env ?? {}, // nothing else of ours is Envoy's business
    ...(namespace === undefined ? {} : { namespace }),
  });
  const admin = (path: string, method?: string) => askEnvoy(files.adminSocket, path, method);
  return { process, files, admin, untilReady: (timeoutMs) => untilReady(process, admin, options.node.name, timeoutMs) };
}

async function untilReady(
  process: RunningProcess,
  admin: (path: string) => Promise<AdminAnswer>,
  name: string,
  timeoutMs: number,
): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const answer = await admin("/ready").catch(() => undefined);
    if (answer?.status === 200) return;
    const why = process.running()
      ? performance.now() > deadline
        ? `is not ready after ${timeoutMs} ms`
        : undefined
      : "ended";
    if (why) throw new Failure(`the sidecar of ${name} ${why}:\n${await lastLines(process.logFile)}`);
    await pause(50);
  }
}
