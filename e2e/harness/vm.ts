import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { buildIptablesRules } from "../../src/node/index.ts";
import { startProcess, type RunningProcess } from "../../src/app/up/index.ts";
import { applyInterception } from "../../src/app/up/interception.ts";
import { addNamespace } from "../../src/app/up/namespaces.ts";
import { startClient, type RequestOptions, type Summary } from "./client.ts";
import type { TestMesh } from "./mesh.ts";
import { projectRoot } from "./project.ts";

/** Whom a VM's token is for, and what else `heddle proxy` is told. */
export interface JoinOptions {
  readonly group: string;
  readonly serviceAccount: string;
  readonly flags?: readonly string[];
}

/**
 * A machine of its own in a mesh's network, intercepted, of which the mesh knows nothing until it joins a group. It knows the names that
 * the first pod knows. `address` is one of 10.244.0.2 to 10.244.0.255, which pods never have. It ends with the mesh.
 */
export async function startVm(mesh: TestMesh, name: string, address: string, namespace = "default"): Promise<Vm> {
  const neighbour = mesh.workload(mesh.pods[0] ?? "").namespace.name;
  const id = neighbour.split(".")[0] ?? "";
  const network = { id, hub: `${id}.hub`, gateway: mesh.outsideAddress };
  const hosts = await readFile(`/etc/netns/${neighbour}/hosts`, "utf8");
  const etc = { hosts, resolvConf: "nameserver 127.0.0.1\n" };
  const { name: place } = await addNamespace(network, { name, namespace, addresses: [address] }, [], etc);
  const { value: rules } = buildIptablesRules({});
  if (!rules) throw new Error("there are no rules");
  await applyInterception(rules, place);
  return new Vm(mesh, name, namespace, address, place);
}

/** See `startVm`. */
export class Vm {
  readonly name: string;
  readonly address: string;
  readonly #mesh: TestMesh;
  readonly #namespace: string;
  readonly #place: string;
  readonly #processes = new Map<string, RunningProcess>();

  constructor(mesh: TestMesh, name: string, namespace: string, address: string, place: string) {
    this.name = name;
    this.address = address;
    this.#mesh = mesh;
    this.#namespace = namespace;
    this.#place = place;
  }

  /** Runs a program of e2e/apps under a name of its own. */
  async start(process: string, app: string, env: Readonly<Record<string, string>>): Promise<void> {
    await this.#start(process, [globalThis.process.execPath, join(projectRoot(), "e2e/apps", app)], env);
  }

  /** Ends what was started under this name. */
  async stop(process: string): Promise<void> {
    await this.#processes.get(process)?.stop(15_000);
    this.#processes.delete(process);
  }

  /** Runs `heddle proxy --workload-group`, in the group that interception exempts. Does not wait for anything. */
  async join({ group, serviceAccount, flags = [] }: JoinOptions): Promise<void> {
    const known = await this.#mesh.controlPlane.forSidecars();
    const dir = join(this.#mesh.stateDirectory, "..", `vm-${this.name}`);
    await mkdir(dir, { recursive: true });
    const name = `${group}-${this.address}`;
    const [ca, token] = [join(dir, "roots.pem"), join(dir, "token")];
    await writeFile(ca, known.roots);
    await writeFile(token, await known.createToken({ name, namespace: this.#namespace, serviceAccount }));
    const who = ["--workload-group", group, "-n", this.#namespace, "-s", serviceAccount, "--address", this.address];
    const files = ["--ca-file", ca, "--token-file", token, "--run-dir", join(dir, "run")];
    const where = ["--control-plane", `${known.address}:${known.port}`, "--concurrency", "1"];
    const heddle = join(projectRoot(), "bin/heddle");
    const exempt = ["setpriv", "--regid", "1337", "--clear-groups", "--"];
    const { HEDDLE_ENVOY = "" } = process.env;
    await this.#start("proxy", [...exempt, heddle, "proxy", ...who, ...where, ...files, ...flags], { HEDDLE_ENVOY });
  }

  /** SIGTERM: the workload leaves its group, then Envoy ends. */
  leave(): Promise<void> {
    return this.stop("proxy");
  }

  /** kill -9 of `heddle proxy`, which takes Envoy along. */
  async kill9(): Promise<void> {
    const proxy = this.#processes.get("proxy");
    this.#processes.delete("proxy");
    if (!proxy) return;
    process.kill(proxy.pid, "SIGKILL");
    await proxy.ended;
  }

  /** kill -9 of the Envoy that `heddle proxy` has started; resolves with how that ends then. */
  async killEnvoy(): Promise<string> {
    const proxy = this.#processes.get("proxy");
    if (!proxy) return "";
    const children = await readFile(`/proc/${proxy.pid}/task/${proxy.pid}/children`, "utf8");
    for (const pid of children.trim().split(" ")) process.kill(Number(pid), "SIGKILL");
    return proxy.ended;
  }

  /** Sends requests as the VM's app would. */
  request(url: string, options: RequestOptions = {}): Promise<Summary> {
    return startClient(this.#place, url, { count: 1, ...options }).done;
  }

  async #start(name: string, command: readonly string[], env: Readonly<Record<string, string>>): Promise<void> {
    const { PATH = "" } = process.env;
    const logFile = join(this.#mesh.logDirectory, `${this.name}.${name}.log`);
    this.#processes.set(name, await startProcess({ namespace: this.#place, command, env: { PATH, ...env }, logFile }));
  }
}
