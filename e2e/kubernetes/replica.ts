import { mkdtemp, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { startProcess, type RunningProcess } from "../../src/app/up/index.ts";
import type { ApiServer } from "../harness/api-server.ts";
import { projectRoot } from "../harness/project.ts";
import { waitFor } from "../harness/wait.ts";

interface LogLine {
  readonly msg: string;
  readonly [field: string]: unknown;
}

/** One replica of the control plane: `heddle serve --kubernetes` as a process, with the rights of its own service account. */
export class Replica {
  readonly name: string;
  readonly #folder: string;
  readonly #process: RunningProcess;

  private constructor(name: string, folder: string, process: RunningProcess) {
    this.name = name;
    this.#folder = folder;
    this.#process = process;
  }

  /** Resolves when the process runs; `ready` waits for more. Ports are any free ones, unless they must be known before it serves. */
  static async start(server: ApiServer, name: string, { xdsPort = 0, monitoringPort = 0 } = {}): Promise<Replica> {
    const folder = await mkdtemp(join(server.folder, `${name}-`));
    const kubeconfig = await server.kubeConfigFile("heddle");
    const command = [
      ...[join(projectRoot(), "bin/heddle"), "serve", "--kubernetes", "--kubeconfig", kubeconfig],
      ...["--pod-name", name, "--state-dir", folder, "--admin-port", "0"],
      ...["--xds-address", "127.0.0.1", "--xds-port", `${xdsPort}`],
      ...["--monitoring-listen", `127.0.0.1:${monitoringPort}`, "--webhook-listen", "127.0.0.1:0"],
    ];
    const env = { PATH: process.env["PATH"] ?? "" };
    return new Replica(name, folder, await startProcess({ command, env, logFile: join(folder, "log") }));
  }

  /** For commands that ask it. */
  get stateDirectory(): string {
    return this.#folder;
  }

  /** What it logged under this message, so far. */
  async said(message: string): Promise<LogLine | undefined> {
    const lines = (await readFile(join(this.#folder, "log"), "utf8")).split("\n");
    const parsed = lines.flatMap((line) => (line.startsWith("{") ? [JSON.parse(line) as LogLine] : []));
    return parsed.findLast(({ msg }) => msg === message);
  }

  log(): Promise<string> {
    return readFile(join(this.#folder, "log"), "utf8");
  }

  /** Its ports, once it serves. */
  async ready(): Promise<{ xdsPort: number; monitoringPort: number; webhookPort: number }> {
    const up = await waitFor(`${this.name} to serve`, async () => {
      if (!this.#process.running()) throw new Error(await this.log());
      return this.said("the control plane is up");
    });
    const port = (name: string): number => Number(up[name]);
    return { xdsPort: port("xdsPort"), monitoringPort: port("monitoringPort"), webhookPort: port("webhookPort") };
  }

  /** `/readyz`, `/metrics`, ... with its status. */
  async monitoring(path: string): Promise<{ status: number; text: string }> {
    const { monitoringPort } = await this.ready();
    const answer = await fetch(`http://127.0.0.1:${monitoringPort}${path}`);
    return { status: answer.status, text: await answer.text() };
  }

  /** How it ended by itself. */
  get ended(): Promise<string> {
    return this.#process.ended;
  }

  /** SIGTERM; resolves with how it ended. */
  async terminate(): Promise<string> {
    process.kill(this.#process.pid, "SIGTERM");
    return this.#process.ended;
  }

  async kill9(): Promise<void> {
    process.kill(this.#process.pid, "SIGKILL");
    await this.#process.ended;
  }

  async close(): Promise<void> {
    await this.#process.stop(0);
    await rm(this.#folder, { recursive: true, force: true });
  }
}
