import { mkdir } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { isAbsolute, join, resolve } from "node:path";
import { contentHash, systemClock, type Log } from "../../lib/index.ts";
import { isGatewayPod, type MeshObject } from "../../model/index.ts";
import { dnsMetadata, readDnsCapture, type ControlPlaneEndpoint, type ProxyRun } from "../../node/index.ts";
import type { AdminAnswer } from "./admin-socket.ts";
import { applyInterception } from "./interception.ts";
import { rulesFor } from "./interception-rules.ts";
import type { WorkloadNamespace } from "./namespaces.ts";
import { startProcess } from "./processes.ts";
import { startSidecar, type Sidecar } from "./sidecar.ts";
import { keepRunning, type Supervised } from "./supervision.ts";
import { keepTokenFresh } from "./token-refresh.ts";

export type Pod = MeshObject<"Pod">;

/** Whom a sidecar asks for its configuration, and by which right. */
export interface ControlPlane extends ControlPlaneEndpoint {
  readonly roots: string; // PEM: who may sign its certificate
  createToken(workload: { name: string; namespace: string; serviceAccount: string }): Promise<string>;
}

export interface WorkloadOptions {
  readonly pod: Pod;
  readonly namespace: WorkloadNamespace;
  readonly directory: string; // of the mesh
  readonly logDirectory: string;
  readonly workingDirectory: string;
  readonly controlPlane: ControlPlane;
  readonly envoy: string;
  readonly concurrency: number; // unless `run` says otherwise
  readonly run: ProxyRun;
  readonly protocol?: "DELTA_GRPC" | "GRPC";
  readonly log: Log;
}

/** A pod at work: its namespace, its sidecar, its containers. */
export interface RunningWorkload {
  readonly pod: Pod;
  readonly namespace: WorkloadNamespace;
  /** When the sidecar serves. */
  untilReady(timeoutMs: number): Promise<void>;
  admin(path: string, method?: string): Promise<AdminAnswer>;
  writeRoots(pem: string): Promise<void>;
  sidecarPid(): number;
  stop(): Promise<void>;
}

/** Short enough for the address of a unix socket, whatever the pod is called. */
function folderOf(pod: Pod): string {
  const name = `${pod.metadata.name}.${pod.metadata.namespace}`;
  return name.length <= 60 ? name : `${name.slice(0, 40)}-${contentHash(name)}`;
}

/** The user who called: root's own right is not passed on to apps where it can be helped. */
function appUid(): number | undefined {
  const uid = Number(process.env["SUDO_UID"]);
  return Number.isInteger(uid) && uid > 0 ? uid : undefined;
}

async function startContainers(options: WorkloadOptions): Promise<Supervised[]> {
  const { pod, namespace, logDirectory, workingDirectory, log } = options;
  const uid = appUid();
  const started: Supervised[] = [];
  for (const container of pod.spec.containers.filter(({ command }) => command.length > 0)) {
    const name = `${folderOf(pod)}.${container.name}`;
    const folder = container.workingDir ?? ".";
    const start = () =>
      startProcess({
        namespace: namespace.name,
        ...(uid === undefined ? {} : { uid }),
        command: container.command,
        cwd: isAbsolute(folder) ? folder : resolve(workingDirectory, folder),
        env: { PATH: process.env["PATH"] ?? "/usr/bin:/bin", HOSTNAME: pod.metadata.name, ...container.env },
        logFile: join(logDirectory, `${name}.log`),
      });
    started.push(await keepRunning(name, start, log));
  }
  return started;
}

/** 0 is as many as there are CPUs. */
function threadsOf(concurrency: number | undefined): number | undefined {
  return concurrency === 0 ? availableParallelism() : concurrency;
}

/** Takes over the namespace's traffic (but a gateway's), then starts the Envoy and the containers. What was started is stopped when a step fails. */
export async function startWorkload(options: WorkloadOptions): Promise<RunningWorkload> {
  const { pod, namespace, directory, logDirectory, controlPlane, log, run } = options;
  const { name, namespace: space, labels } = pod.metadata;
  const isGateway = isGatewayPod(pod.metadata.annotations);
  const dns = !isGateway && readDnsCapture(run.environment) === true;
  const node = {
    type: isGateway ? ("router" as const) : ("sidecar" as const),
    name,
    namespace: space,
    serviceAccount: pod.spec.serviceAccountName,
    addresses: pod.spec.podIPs,
    labels,
    ...(dns ? { metadata: dnsMetadata } : {}),
  };
  const rules = isGateway ? undefined : rulesFor(pod, dns); // a gateway's traffic is for its Envoy anyway
  if (rules) await applyInterception(rules, namespace.name);
  await mkdir(logDirectory, { recursive: true });
  const createToken = () => controlPlane.createToken({ name, namespace: space, serviceAccount: node.serviceAccount });
  let roots = controlPlane.roots;
  let token = await createToken();
  let sidecar: Sidecar | undefined;
  const startEnvoy = async () => {
    sidecar = await startSidecar({
      node,
      namespace: namespace.name,
      controlPlane,
      roots,
      token,
      directory: join(directory, folderOf(pod)),
      envoy: options.envoy,
      concurrency: threadsOf(run.concurrency) ?? options.concurrency,
      env: run.environment,
      ...(run.runtime ? { runtime: run.runtime } : {}),
      ...(run.drainSeconds === undefined ? {} : { drainSeconds: run.drainSeconds }),
      logFile: join(logDirectory, `${folderOf(pod)}.envoy.log`),
      ...(options.protocol ? { protocol: options.protocol } : {}),
    });
    return sidecar.process;
  };
  const envoy = await keepRunning(`${folderOf(pod)}.envoy`, startEnvoy, log);
  const current = (): Sidecar => {
    if (!sidecar) throw new Error("unreachable: the first start has succeeded");
    return sidecar;
  };
  const stopRefresh = keepTokenFresh(
    token,
    createToken,
    (fresh) => {
      token = fresh;
      return current().files.writeToken(fresh);
    },
    { clock: systemClock, log },
  );
  let containers: Supervised[] = [];
  const stop = async () => {
    stopRefresh();
    await Promise.all(containers.map((container) => container.stop()));
    await envoy.stop();
    await sidecar?.files.remove();
  };
  try {
    containers = await startContainers(options);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    pod,
    namespace,
    untilReady: (timeoutMs) => current().untilReady(timeoutMs),
    admin: (path, method) => current().admin(path, method),
    writeRoots: (pem) => {
      roots = pem;
      return current().files.writeRoots(pem);
    },
    sidecarPid: () => envoy.current().pid,
    stop,
  };
}
