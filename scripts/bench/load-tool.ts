import { execFile, spawn, type ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** One phase of a run: the storm of connections, or the median of the rounds of one kind of change. */
export interface Phase {
  readonly kind: string;
  readonly reached: number;
  readonly expected: number;
  readonly firstMs: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  readonly spreadMs: number;
  readonly bytes: number;
  readonly brokenStreams: number;
  readonly server: { readonly cpuSeconds: number; readonly peakRssMiB: number };
}

export interface Load {
  readonly mesh: string;
  readonly server: string;
  readonly pid: number;
  readonly mode: string;
  readonly proxies: number;
  readonly rounds: number;
  readonly kinds: readonly string[];
  readonly tls?: { readonly roots: string; readonly serverName: string; readonly tokens: string };
}

/**
 * The load tool: a Go program that speaks ADS as Envoy does and knows nothing of the server behind it. Its sources are not part of
 * this project: HEDDLE_XDSLOAD says where they are.
 */
export class LoadTool {
  readonly #binary: string;
  readonly #capture: string;

  private constructor(sources: string, binary: string) {
    this.#binary = binary;
    this.#capture = join(sources, "reference-1000.gob");
  }

  /** Builds it into `directory`. Rejects with what is missing. */
  static async build(directory: string): Promise<LoadTool> {
    const sources = resolve(process.env["HEDDLE_XDSLOAD"] ?? "../shared/xdsload");
    if (!existsSync(join(sources, "go.mod")))
      throw new Error(`there is no load tool in ${sources}: say with HEDDLE_XDSLOAD where its Go sources are`);
    const binary = join(directory, "xdsload");
    await run("go", ["build", "-o", binary, "."], { cwd: sources });
    return new LoadTool(sources, binary);
  }

  /** A capture to serve as the floor; there is one for 1,000 services. */
  hasFloorFor(services: number): boolean {
    return services === 1_000 && existsSync(this.#capture);
  }

  async generate(directory: string, services: number, scoped: boolean): Promise<void> {
    await run(this.#binary, ["gen", "--services", `${services}`, "--out", directory, ...(scoped ? ["--sidecar"] : [])]);
  }

  /** The server without a model: it sends captured bytes to everybody, in plaintext. */
  startFloor(mesh: string, listen: string, vhds: boolean): ChildProcess {
    const args = ["floor", "--impl", "raw", "--capture", this.#capture, "--dir", mesh, "--listen", listen];
    return spawn(this.#binary, [...args, ...(vhds ? ["--vhds"] : [])], { stdio: "ignore" });
  }

  /** Drives a server; `onStorm` is called when all proxies have everything. */
  async run(load: Load, out: string, onStorm: () => Promise<void>): Promise<readonly Phase[]> {
    const { tls } = load;
    const args = [
      ...["run", "--dir", load.mesh, "--server", load.server, "--mode", load.mode, "--proxies", `${load.proxies}`],
      ...["--rounds", `${load.rounds}`, "--kinds", load.kinds.join(","), "--server-pid", `${load.pid}`, "--out", out],
      ...(tls ? ["--ca", tls.roots, "--server-name", tls.serverName, "--tokens", tls.tokens] : []),
    ];
    const tool = spawn(this.#binary, args, { stdio: ["ignore", "pipe", "inherit"] });
    let storm: Promise<void> | undefined;
    tool.stdout.setEncoding("utf8").on("data", (text: string) => {
      if (/^storm /m.test(text)) storm ??= onStorm();
    });
    const code = await new Promise<number | null>((done) => tool.once("close", done));
    if (code !== 0) throw new Error(`the load tool ended with ${code}`);
    await storm;
    const result = JSON.parse(await readFile(out, "utf8")) as { storm: Phase; medians: readonly Phase[] | null };
    return [result.storm, ...(result.medians ?? [])];
  }
}
