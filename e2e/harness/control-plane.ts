import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { openAuthority, type KeyRing } from "../../src/ca/index.ts";
import { createLog, systemClock } from "../../src/lib/index.ts";
import { lastLines, startProcess, type ControlPlane, type RunningProcess } from "../../src/app/up/index.ts";
import { projectRoot } from "./project.ts";
import { waitFor } from "./wait.ts";

export interface ControlPlaneOptions {
  readonly policyDirectory: string;
  readonly stateDirectory: string;
  readonly logFile: string;
  readonly namespace?: string; // network namespace
  readonly address: string;
  readonly address6?: string; // for pods without IPv4
  readonly xdsPort: number;
  readonly adminPort: number;
  readonly flags: readonly string[]; // further ones of `heddle serve`
  readonly env: Readonly<Record<string, string>>;
}

/** `heddle serve` as a process of its own, so that it can be killed. */
export class ControlPlaneProcess {
  readonly #options: ControlPlaneOptions;
  #process: RunningProcess | undefined;

  constructor(options: ControlPlaneOptions) {
    this.#options = options;
  }

  get pid(): number {
    return this.#process?.pid ?? 0;
  }

  /** Resolves when the server is ready. */
  async start(): Promise<void> {
    const { policyDirectory, stateDirectory, namespace, xdsPort, adminPort, flags, logFile, env } = this.#options;
    const { address, address6 } = this.#options;
    const addresses = address6 === undefined ? address : `${address},${address6}`;
    const addressFile = join(stateDirectory, "admin.json");
    await rm(addressFile, { force: true });
    const saidBefore = (await readFile(logFile, "utf8").catch(() => "")).length;
    const server = await startProcess({
      ...(namespace === undefined ? {} : { namespace }),
      command: [
        join(projectRoot(), "bin/heddle"),
        "serve",
        ...["--files", policyDirectory, "--state-dir", stateDirectory],
        ...["--xds-address", addresses, "--xds-port", `${xdsPort}`, "--admin-port", `${adminPort}`],
        ...flags,
      ],
      env: { PATH: process.env["PATH"] ?? "", ...env },
      logFile,
    });
    this.#process = server;
    const up = waitFor("the control plane to be up", async () => {
      if (!server.running()) return true; // `ended` says why
      const said = await readFile(logFile, "utf8");
      return (await readFile(addressFile, "utf8")) !== "" && said.slice(saidBefore).includes("the control plane is up");
    });
    const ended = server.ended.then(async (end) => {
      throw new Error(`the control plane ended (${end}): ${await lastLines(logFile, 20)}`);
    });
    ended.catch(() => undefined);
    await Promise.race([up, ended]);
  }

  /** SIGTERM, then the wait for its end. */
  async stop(): Promise<void> {
    await this.#process?.stop(15_000);
  }

  /** kill -9. */
  async kill9(): Promise<void> {
    if (!this.#process) return;
    process.kill(this.#process.pid, "SIGKILL");
    await this.#process.ended;
  }

  /** What sidecars need to know of it: from its own CA, which also answers while it is dead. */
  async forSidecars(): Promise<ControlPlane> {
    const authority = await this.authority();
    return {
      address: this.#options.address,
      port: this.#options.xdsPort,
      serverName: "heddle.heddle-system.svc",
      roots: authority.bundle(),
      createToken: async ({ name, namespace, serviceAccount }) => {
        const made = await authority.tokens.createToken({
          namespace,
          serviceAccount,
          workload: name,
          ttlMs: 3_600_000,
        });
        if ("refused" in made) throw new Error(made.refused);
        return made.token;
      },
    };
  }

  /** The CA of its state directory. */
  authority(): Promise<KeyRing> {
    const dir = join(this.#options.stateDirectory, "ca");
    return openAuthority({ dir, trustDomain: "cluster.local", clock: systemClock, log: createLog("silent") });
  }
}
