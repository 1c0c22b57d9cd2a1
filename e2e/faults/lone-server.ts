import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { KeyRing } from "../../src/ca/index.ts";
import { ControlPlaneProcess } from "../harness/control-plane.ts";
import { waitFor } from "../harness/wait.ts";

/** What /api/v1/proxies says of one. */
export interface ServedProxy {
  readonly name: string;
  readonly state: "synced" | "pending" | "rejected";
  readonly warnings: readonly string[];
  readonly nacks: readonly unknown[];
}

export interface LoneServerOptions {
  /** Files to begin with: name to YAML. */
  readonly files?: Readonly<Record<string, string>>;
  readonly flags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** `heddle serve` as a process on loopback, without sidecars: scripted clients are its proxies. */
export class LoneServer {
  readonly policyDirectory: string;
  readonly stateDirectory: string;
  readonly logFile: string;
  readonly port: number;
  readonly process: ControlPlaneProcess;
  readonly #root: string;
  readonly #adminPort: number;
  #authority: Promise<KeyRing> | undefined;

  private constructor(root: string, port: number, adminPort: number, { flags = [], env = {} }: LoneServerOptions) {
    this.#root = root;
    this.port = port;
    this.#adminPort = adminPort;
    this.policyDirectory = join(root, "policy");
    this.stateDirectory = join(root, "state");
    this.logFile = join(root, "control-plane.log");
    this.process = new ControlPlaneProcess({
      ...{ policyDirectory: this.policyDirectory, stateDirectory: this.stateDirectory, logFile: this.logFile },
      ...{ address: "127.0.0.1", xdsPort: port, adminPort, flags, env },
    });
  }

  /** Ready when it resolves. */
  static async start(options: LoneServerOptions = {}): Promise<LoneServer> {
    const root = await mkdtemp(join(tmpdir(), "heddle-fault-"));
    const [port, adminPort] = await freePorts();
    const server = new LoneServer(root, port, adminPort, options);
    await mkdir(server.policyDirectory);
    await mkdir(server.stateDirectory, { mode: 0o700 });
    for (const [name, yaml] of Object.entries(options.files ?? {})) await server.write(name, yaml);
    await server.process.start();
    return server;
  }

  /** Puts a file into the policy directory, whole or not at all. */
  async write(name: string, yaml: string | Buffer): Promise<void> {
    const draft = join(this.#root, `${name}.draft`);
    await writeFile(draft, yaml);
    await rename(draft, join(this.policyDirectory, name));
  }

  async remove(name: string): Promise<void> {
    await rm(join(this.policyDirectory, name), { force: true });
  }

  authority(): Promise<KeyRing> {
    return (this.#authority ??= this.process.authority());
  }

  /** A page of the admin API, as its owner sees it. */
  async admin(path: string): Promise<string> {
    const token = await readFile(join(this.stateDirectory, "admin.token"), "utf8");
    const answer = await fetch(`http://127.0.0.1:${this.#adminPort}${path}`, {
      headers: { authorization: `Bearer ${token}` },
    });
    const body = await answer.text();
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${body}`);
    return body;
  }

  async proxies(): Promise<readonly ServedProxy[]> {
    return (JSON.parse(await this.admin("/api/v1/proxies")) as { proxies: ServedProxy[] }).proxies;
  }

  /** Resolves when this many proxies are connected and have taken all there is. */
  async untilSynced(count: number, timeoutMs = 60_000): Promise<void> {
    await waitFor(
      `${count} proxies to be synced`,
      async () => {
        const proxies = await this.proxies();
        return proxies.length === count && proxies.every(({ state }) => state === "synced");
      },
      { timeoutMs },
    );
  }

  /** The sum of a metric over its labels; 0 when it was never counted. */
  async metric(name: string): Promise<number> {
    const lines = (await this.admin("/metrics")).split("\n");
    const mine = lines.filter((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`));
    return mine.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" "))), 0);
  }

  /** How late the event loop ran, p99 since the last call. Milliseconds. */
  async loopDelayMs(): Promise<number> {
    return (await this.metric("nodejs_eventloop_lag_p99_seconds")) * 1000;
  }

  /** Resident memory now, and the most there ever was. MiB. */
  async memory(): Promise<{ readonly rss: number; readonly peak: number }> {
    const text = await readFile(`/proc/${this.process.pid}/status`, "utf8");
    const inMiB = (kilobytes: RegExp): number => Number(kilobytes.exec(text)?.[1]) / 1024;
    return { rss: inMiB(/^VmRSS:\s+(\d+)/m), peak: inMiB(/^VmHWM:\s+(\d+)/m) };
  }

  async close(): Promise<void> {
    await this.process.stop();
    await rm(this.#root, { recursive: true, force: true });
  }
}

/** Two ports that nobody has. */
async function freePorts(): Promise<[number, number]> {
  const servers = [createServer().listen(0, "127.0.0.1"), createServer().listen(0, "127.0.0.1")];
  await Promise.all(servers.map((server) => new Promise((resolve) => server.once("listening", resolve))));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return [ports[0] ?? 0, ports[1] ?? 0];
}
