import { cp, mkdir, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { createLog } from "../../src/lib/index.ts";
import { readDirectory } from "../../src/source/index.ts";
import {
  attempt,
  envoyPath,
  openMesh,
  run,
  startProcess,
  type OpenMesh,
  type Outcome,
  type RunningMesh,
  type RunningWorkload,
} from "../../src/app/up/index.ts";
import { startClient, type Load, type RequestOptions, type Summary } from "./client.ts";
import { ControlPlaneProcess } from "./control-plane.ts";
import { parseStats } from "./envoy-stats.ts";
import { projectRoot } from "./project.ts";
import { waitFor } from "./wait.ts";

export interface MeshOptions {
  /** Files or folders to begin with, relative to the checkout; copied, never written. */
  readonly from?: readonly string[];
  /** YAML to begin with, beside `from`. */
  readonly yaml?: string;
  /** 1 to 8 of a-z and 0-9. By default one that no other run has. */
  readonly id?: string;
  /** `hub` (default): the mesh touches nothing outside its own namespaces, several run side by side. `machine`: as `heddle up`. */
  readonly reach?: "hub" | "machine";
  /** Further flags of `heddle serve`. */
  readonly flags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly xdsPort?: number; // 15012
  readonly adminPort?: number; // 15080
  readonly protocol?: "DELTA_GRPC" | "GRPC";
  /** Worker threads of each Envoy; 1. */
  readonly concurrency?: number;
  /** Whether to start with a control plane; true. */
  readonly withControlPlane?: boolean;
}

let count = 0;

function freshId(): string {
  count += 1;
  return `e${(process.pid % 46_656).toString(36)}${count.toString(36)}`;
}

/** Starts a control plane, and every Pod of the input behind a stock Envoy. Rejects and leaves nothing behind when a step fails. */
export async function startMesh(options: MeshOptions): Promise<TestMesh> {
  const id = options.id ?? freshId();
  const logDirectory = join(projectRoot(), "out", "logs", id);
  await rm(logDirectory, { recursive: true, force: true });
  await mkdir(logDirectory, { recursive: true });
  const open = await openMesh({
    id,
    reach: options.reach ?? "hub",
    envoy: envoyPath(projectRoot()),
    log: createLog(process.env["HEDDLE_LOG"] ?? "warn"),
    logDirectory,
  });
  const mesh = new TestMesh(open, options);
  try {
    await mesh.start();
  } catch (error) {
    await mesh.close({ keepLogs: true });
    throw error;
  }
  return mesh;
}

/** A mesh under test. Pods are named `name` (of namespace default) or `name.namespace`. */
export class TestMesh {
  /** What the control plane reads. */
  readonly policyDirectory: string;
  readonly stateDirectory: string;
  readonly logDirectory: string;
  readonly controlPlane: ControlPlaneProcess;
  readonly #open: OpenMesh;
  readonly #options: MeshOptions;
  #running: RunningMesh | undefined;
  #input: readonly string[] = [];
  #policies = 0;

  constructor(open: OpenMesh, options: MeshOptions) {
    this.#open = open;
    this.#options = options;
    this.policyDirectory = join(open.directory, "policy");
    this.stateDirectory = join(open.directory, "state");
    this.logDirectory = open.logDirectory;
    const { network } = open;
    this.controlPlane = new ControlPlaneProcess({
      policyDirectory: this.policyDirectory,
      stateDirectory: this.stateDirectory,
      logFile: join(this.logDirectory, "control-plane.log"),
      ...(network.gatewayNamespace === undefined ? {} : { namespace: network.gatewayNamespace }),
      address: network.gateway,
      ...(network.gateway6 === undefined ? {} : { address6: network.gateway6 }),
      xdsPort: options.xdsPort ?? 15_012,
      adminPort: options.adminPort ?? 15_080,
      flags: options.flags ?? [],
      env: options.env ?? {},
    });
  }

  async start(): Promise<void> {
    const { from = [], yaml, withControlPlane = true } = this.#options;
    await mkdir(this.policyDirectory, { recursive: true });
    for (const path of from) {
      const source = join(projectRoot(), path);
      const isFolder = (await stat(source)).isDirectory();
      await cp(source, isFolder ? this.policyDirectory : join(this.policyDirectory, basename(path)), {
        recursive: true,
      });
    }
    if (yaml !== undefined) await this.writePolicy("input.yaml", yaml);
    this.#input = await readdir(this.policyDirectory);
    await mkdir(this.stateDirectory, { recursive: true, mode: 0o700 });
    if (withControlPlane) await this.controlPlane.start();
    await this.updateWorkloads();
  }

  /** Runs the Pods that the policy directory holds now, and stops those that it holds no more. Waits until all are ready. */
  async updateWorkloads(): Promise<void> {
    const { objects } = await readDirectory(this.policyDirectory);
    if (this.#running) await this.#running.update(objects);
    else {
      const { protocol, concurrency = 1 } = this.#options;
      this.#running = await this.#open.run({
        objects,
        controlPlane: await this.controlPlane.forSidecars(),
        workingDirectory: projectRoot(),
        concurrency,
        ...(protocol ? { protocol } : {}),
      });
    }
    if (this.#options.withControlPlane !== false) await this.#running.untilReady();
  }

  /** Every pod, as `name.namespace`. */
  get pods(): readonly string[] {
    return [...(this.#running?.workloads.keys() ?? [])];
  }

  workload(pod: string): RunningWorkload {
    const found = this.#running?.workloads.get(pod) ?? this.#running?.workloads.get(`${pod}.default`);
    if (!found) throw new Error(`no pod ${pod}; there are ${this.pods.join(", ")}`);
    return found;
  }

  /** The pod's address, to call it without its service. */
  addressOf(pod: string): string {
    return this.workload(pod).pod.spec.podIPs[0] ?? "";
  }

  /** Sends requests from inside a pod, as its app would: they go through its sidecar. */
  request(pod: string, url: string, options: RequestOptions = {}): Promise<Summary> {
    return startClient(this.workload(pod).namespace.name, url, { count: 1, ...options }).done;
  }

  /** Goes on sending until `stop()`, which returns what became of all requests. */
  startLoad(pod: string, url: string, options: RequestOptions = {}): Load {
    return startClient(this.workload(pod).namespace.name, url, options);
  }

  /** Sends requests from outside the mesh (no sidecar, no certificate): from where the control plane runs. */
  requestFromOutside(url: string, options: RequestOptions = {}): Promise<Summary> {
    return startClient(this.#open.network.gatewayNamespace, url, { count: 1, ...options }).done;
  }

  /** The address of what runs outside the mesh. */
  get outsideAddress(): string {
    return this.#open.network.gateway;
  }

  /** Runs e2e/apps/echo.mjs outside the mesh, without a sidecar; ends with the mesh. Resolves when it answers on `port`. */
  async startOutside(port: number, env: Readonly<Record<string, string>> = {}): Promise<void> {
    const namespace = this.#open.network.gatewayNamespace;
    await startProcess({
      ...(namespace === undefined ? {} : { namespace }),
      command: [process.execPath, join(projectRoot(), "e2e/apps/echo.mjs")],
      env: { PORT: `${port}`, SERVICE: "outside", VERSION: "outside", ...env },
      logFile: join(this.logDirectory, `outside-${port}.log`),
    });
    const url = `http://${this.outsideAddress}:${port}/`;
    await waitFor("the server outside", async () => (await this.requestFromOutside(url)).ok === 1);
  }

  /** Runs a command inside a pod and returns its output; rejects when it fails. */
  exec(pod: string, argv: readonly string[], input = ""): Promise<string> {
    return run(["ip", "netns", "exec", this.workload(pod).namespace.name, ...argv], input);
  }

  /** Puts a file into the policy directory, whole or not at all, as `mv` would. */
  async writePolicy(file: string, yaml: string): Promise<void> {
    const draft = join(this.#open.directory, `${file}.draft`);
    await writeFile(draft, yaml);
    await rename(draft, join(this.policyDirectory, file));
  }

  async removePolicy(file: string): Promise<void> {
    await rm(join(this.policyDirectory, file), { force: true });
  }

  /** `heddle apply --wait` of a text: resolves when it is live in every Envoy. Rejects with what the command said. */
  async applyPolicy(yaml: string): Promise<string> {
    const file = join(this.#open.directory, "policy.yaml");
    await writeFile(file, yaml);
    const { status, out, err } = await this.heddle(["apply", "--wait", "-f", file]);
    if (status !== 0) throw new Error(`heddle apply: ${out}${err}`);
    return out;
  }

  /** Removes every file that the mesh did not begin with, then applies this (or nothing): no test sees the policy of another. */
  async replacePolicy(yaml = ""): Promise<void> {
    const files = await readdir(this.policyDirectory);
    for (const file of files.filter((name) => !this.#input.includes(name))) await this.removePolicy(file);
    this.#policies += 1; // an apply that changes nothing would not wait for the removal
    const marker = {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name: "marker", labels: { policy: `n${this.#policies}` } },
    };
    await this.applyPolicy(`${JSON.stringify(marker)}\n---\n${yaml}`);
  }

  /** Runs the command line beside the control plane, with its state directory. Never rejects. */
  async heddle(args: readonly string[], input = ""): Promise<Outcome> {
    const { gatewayNamespace } = this.#open.network;
    const enter = gatewayNamespace === undefined ? [] : ["ip", "netns", "exec", gatewayNamespace];
    const words = [
      ...enter,
      "env",
      `HEDDLE_STATE_DIR=${this.stateDirectory}`,
      join(projectRoot(), "bin/heddle"),
      ...args,
    ];
    return attempt(words, input, 120_000);
  }

  async restartControlPlane(): Promise<void> {
    await this.controlPlane.stop();
    await this.controlPlane.start();
  }

  /** kill -9 of the control plane; `controlPlane.start()` brings it back. */
  kill9(): Promise<void> {
    return this.controlPlane.kill9();
  }

  /** Counters and gauges of a pod's Envoy whose name matches (RE2), by name. */
  async envoyStats(pod: string, filter = ""): Promise<Readonly<Record<string, number>>> {
    return parseStats(await this.admin(pod, `/stats?filter=${encodeURIComponent(filter)}`));
  }

  /** What the Envoy of a pod has been given, as its /config_dump shows it. */
  async configDump(pod: string): Promise<unknown> {
    return JSON.parse(await this.admin(pod, "/config_dump?include_eds")) as unknown;
  }

  /** A page of the admin interface of a pod's Envoy. */
  async admin(pod: string, path: string, method = "GET"): Promise<string> {
    const { status, body } = await this.workload(pod).admin(path, method);
    if (status !== 200) throw new Error(`${path} of ${pod}: ${status} ${body}`);
    return body;
  }

  /** Ends and removes everything. Logs stay in out/logs/<id> when asked to, or with HEDDLE_KEEP_LOGS=1. */
  async close({ keepLogs = process.env["HEDDLE_KEEP_LOGS"] === "1" }: { keepLogs?: boolean } = {}): Promise<void> {
    await this.controlPlane.stop();
    await this.#open.close();
    if (!keepLogs) await rm(this.logDirectory, { recursive: true, force: true });
  }
}
