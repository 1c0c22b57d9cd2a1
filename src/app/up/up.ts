import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import type { Log } from "../../lib/index.ts";
import { type MeshObject } from "../../model/index.ts";
import { proxyRunFor } from "../../node/index.ts";
import { withAddresses } from "./addresses.ts";
import { buildHosts, buildResolvConf } from "./hosts.ts";
import { addNamespace, openNetwork, removeNamespace, type Network } from "./namespaces.ts";
import { claimMesh } from "./ownership.ts";
import { familyOf } from "./ranges.ts";
import { requireMachine } from "./requirements.ts";
import { startWorkload, type ControlPlane, type Pod, type RunningWorkload, type WorkloadOptions } from "./workload.ts";

export interface MeshOptions {
  /** 1 to 8 of a-z and 0-9; one running mesh each. Default `hdl0`. */
  readonly id?: string;
  /** `machine` (default): this machine sees the pods, and the control plane runs here. `hub`: nothing outside the mesh is touched. */
  readonly reach?: "machine" | "hub";
  readonly envoy: string;
  readonly log: Log;
  /** Where logs stay after the end; by default they go with the mesh. */
  readonly logDirectory?: string;
}

export interface RunOptions extends Pick<WorkloadOptions, "protocol"> {
  readonly objects: readonly MeshObject[];
  readonly controlPlane: ControlPlane;
  /** What relative commands and working directories of containers are relative to. Default: where we were called. */
  readonly workingDirectory?: string;
  /** Worker threads of each Envoy. Default 1. */
  readonly concurrency?: number;
}

/** A network that waits for workloads. */
export interface OpenMesh {
  readonly network: Network;
  readonly directory: string;
  readonly logDirectory: string;
  /** Starts every Pod of the input that is not there, stops those that are no longer in it, starts changed ones anew. */
  run(options: RunOptions): Promise<RunningMesh>;
  /** Ends every process and removes every trace; safe at any time, and twice. */
  readonly close: () => Promise<void>;
}

export interface RunningMesh {
  readonly workloads: ReadonlyMap<string, RunningWorkload>; // by name.namespace
  readonly network: Network;
  /** As `run`, with other objects. */
  update(objects: readonly MeshObject[]): Promise<void>;
  /** Resolves when every sidecar serves. Rejects with Failure. */
  untilReady(timeoutMs?: number): Promise<void>;
  /** Gives every sidecar another set of roots for the control plane's certificate. */
  writeRoots(pem: string): Promise<void>;
  stop(): Promise<void>;
}

const parallelStarts = 4;

function podsToRun(objects: readonly MeshObject[]): Map<string, Pod> {
  const pods = objects
    .filter((object) => object.kind === "Pod")
    .filter((pod) => !pod.spec.terminated && !pod.spec.hostNetwork);
  return new Map(pods.map((pod) => [`${pod.metadata.name}.${pod.metadata.namespace}`, pod]));
}

/** Whether a pod may go on as it is: where it is written does not matter, nor what else stands there. */
function isSamePod(wanted: Pod | undefined, running: Pod): boolean {
  if (!wanted || wanted === running) return wanted !== undefined;
  const { metadata, spec } = running;
  return isDeepStrictEqual(wanted.metadata, metadata) && isDeepStrictEqual(wanted.spec, spec);
}

async function inParallel<T>(items: Iterable<T>, work: (item: T) => Promise<void>): Promise<void> {
  const queue = [...items];
  const results = await Promise.allSettled(
    Array.from({ length: parallelStarts }, async () => {
      for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item);
    }),
  );
  for (const result of results) if (result.status === "rejected") throw result.reason;
}

/** Claims an id, removes what killed runs left behind, makes the network. Rejects with Failure and leaves nothing behind. */
export async function openMesh(options: MeshOptions): Promise<OpenMesh> {
  const { id = "hdl0", reach = "machine", envoy, log } = options;
  await requireMachine(envoy);
  const claim = await claimMesh(id);
  const network = await openNetwork(id, reach).catch(async (error: unknown) => {
    await claim.release();
    throw error;
  });
  const logDirectory = options.logDirectory ?? join(claim.directory, "log");
  let running: RunningMesh | undefined;
  const close = async () => {
    await running?.stop();
    await claim.release();
  };
  const run = async (runOptions: RunOptions) => {
    running = createMesh({ network, directory: claim.directory, logDirectory, envoy, log }, runOptions);
    await running.update(runOptions.objects);
    return running;
  };
  return { network, directory: claim.directory, logDirectory, run, close };
}

/** By an address that the pod can call. */
function controlPlaneFor({ spec }: Pod, controlPlane: ControlPlane, { gateway6 }: Network): ControlPlane {
  const hasIPv4 = spec.podIPs.some((address) => familyOf(address) === "IPv4");
  return hasIPv4 || gateway6 === undefined ? controlPlane : { ...controlPlane, address: gateway6 };
}

interface Place {
  readonly network: Network;
  readonly directory: string;
  readonly logDirectory: string;
  readonly envoy: string;
  readonly log: Log;
}

function createMesh(place: Place, options: RunOptions): RunningMesh {
  const workloads = new Map<string, RunningWorkload>();
  const { network } = place;

  const start = async (key: string, pod: Pod, objects: readonly MeshObject[]) => {
    const { name, namespace: space } = pod.metadata;
    const others = [...podsToRun(objects).values()].flatMap((other) => other.spec.podIPs);
    const etc = { hosts: buildHosts(objects, pod), resolvConf: buildResolvConf(space, pod.spec.podIPs) };
    const namespace = await addNamespace(network, { name, namespace: space, addresses: pod.spec.podIPs }, others, etc);
    const workload = await startWorkload({
      ...place,
      pod,
      namespace,
      controlPlane: controlPlaneFor(pod, options.controlPlane, network),
      run: proxyRunFor(objects, pod.metadata), // a change counts from the pod's next start on
      concurrency: options.concurrency ?? 1,
      workingDirectory: options.workingDirectory ?? process.cwd(),
      ...(options.protocol ? { protocol: options.protocol } : {}),
    });
    workloads.set(key, workload);
  };
  const stop = async (key: string, workload: RunningWorkload) => {
    workloads.delete(key);
    await workload.stop();
    await removeNamespace(workload.namespace.name);
  };
  const apply = async (written: readonly MeshObject[]) => {
    const objects = withAddresses(written);
    const wanted = podsToRun(objects);
    const changed = [...workloads].filter(([key, { pod }]) => !isSamePod(wanted.get(key), pod));
    await inParallel(changed, ([key, workload]) => stop(key, workload));
    for (const { namespace, pod } of workloads.values()) await namespace.setHosts(buildHosts(objects, pod));
    await inParallel(
      [...wanted].filter(([key]) => !workloads.has(key)),
      ([key, pod]) => start(key, pod, objects),
    );
  };
  let last: Promise<unknown> = Promise.resolve(); // one change after the other
  const inTurn = (work: () => Promise<void>) => {
    const next = last.then(work);
    last = next.catch(() => undefined);
    return next;
  };
  return {
    workloads,
    network,
    update: (objects) => inTurn(() => apply(objects)),
    untilReady: async (timeoutMs = 60_000) => {
      await Promise.all([...workloads.values()].map((workload) => workload.untilReady(timeoutMs)));
    },
    writeRoots: async (pem) => {
      await Promise.all([...workloads.values()].map((workload) => workload.writeRoots(pem)));
    },
    stop: () => inTurn(() => inParallel([...workloads], ([key, workload]) => stop(key, workload))),
  };
}
