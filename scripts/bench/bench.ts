/**
 * Figures of the built control plane under load, TLS and tokens on, beside the floor of the same run and those of istiod: prints a table
 * and writes out/bench.json. `BENCH=quick` takes a minute; `BENCH_ROUNDS` says how many changes of each kind the medians are of.
 */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { table } from "../../src/app/output.ts";
import { LoadTool, type Phase } from "./load-tool.ts";
import { istiod } from "./reference.ts";
import { startServer, stop } from "./server.ts";

interface Scenario {
  readonly mode: "delta" | "sotw";
  readonly services: number;
  readonly proxies: number;
  /** A Sidecar for each namespace limits what it sees to itself. */
  readonly scoped: boolean;
}

interface Row {
  readonly scenario: string;
  readonly mode: string;
  readonly scoped: boolean;
  readonly services: number;
  readonly proxies: number;
  readonly reached: number; // proxies that got it, of `expected`
  readonly expected: number;
  readonly first_ms: number; // from the rename to the first proxy that had all of its answer
  readonly p50_ms: number;
  readonly p99_ms: number;
  readonly max_ms: number;
  readonly spread_ms: number; // from the first to the last
  readonly cpu_s: number;
  readonly rss_mib: number;
  readonly bytes: number;
  readonly refused: number; // streams that ended and had to be opened again
  readonly floor: Omit<Row, "floor"> | null;
  /** Of the storm: how late the event loop ran, and what was encoded and sent. */
  readonly loop_p99_ms?: number;
  readonly encoded?: number;
  readonly sent?: number;
}

const isQuick = process.env["BENCH"] === "quick";
const rounds = Number(process.env["BENCH_ROUNDS"] ?? (isQuick ? 2 : 5));

function scenarios(): Scenario[] {
  if (isQuick) return waysOf(100, 20);
  const large: Scenario = { mode: "delta", services: 5_000, proxies: 100, scoped: false };
  return [...waysOf(1_000, 100), ...waysOf(1_000, 500), large];
}

function waysOf(services: number, proxies: number): Scenario[] {
  const size = { services, proxies };
  return [
    { ...size, mode: "delta", scoped: false },
    { ...size, mode: "sotw", scoped: false },
    { ...size, mode: "delta", scoped: true },
  ];
}

function rowOf({ mode, services, proxies, scoped }: Scenario, phase: Phase, floor?: Phase): Row {
  const { kind, reached, expected, server, brokenStreams } = phase;
  return {
    ...{ scenario: kind, mode, scoped, services, proxies, reached, expected },
    ...{ first_ms: round(phase.firstMs), p50_ms: round(phase.p50Ms), p99_ms: round(phase.p99Ms) },
    ...{ max_ms: round(phase.maxMs), spread_ms: round(phase.spreadMs) },
    ...{
      cpu_s: round(server.cpuSeconds),
      rss_mib: round(server.peakRssMiB),
      bytes: phase.bytes,
      refused: brokenStreams,
    },
    floor: floor ? rowOf({ mode, services, proxies, scoped }, floor) : null,
  };
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

class Bench {
  readonly #tool: LoadTool;
  readonly #directory: string;

  constructor(tool: LoadTool, directory: string) {
    this.#tool = tool;
    this.#directory = directory;
  }

  async measure(scenario: Scenario): Promise<Row[]> {
    const mesh = await mkdtemp(join(this.#directory, "mesh-"));
    await this.#tool.generate(mesh, scenario.services, scenario.scoped);
    const floor = await this.#measureFloor(scenario, mesh);
    const server = await startServer(mesh, join(this.#directory, "state"));
    try {
      await server.metrics(); // begins a new measurement of the event loop's delay
      let storm: ReadonlyMap<string, number> = new Map();
      const load = { mesh, server: server.address, pid: server.pid, mode: scenario.mode, proxies: scenario.proxies };
      const kinds = ["weight", "endpoint", "add"];
      const onStorm = async (): Promise<void> => void (storm = await server.metrics());
      const out = join(this.#directory, "run.json");
      const phases = await this.#tool.run({ ...load, rounds, kinds, tls: server.tls }, out, onStorm);
      const counted = {
        loop_p99_ms: round((storm.get("nodejs_eventloop_lag_p99_seconds") ?? NaN) * 1_000),
        encoded: storm.get("heddle_resources_encoded_total") ?? NaN,
        sent: storm.get("heddle_resources_sent_total") ?? NaN,
      };
      return phases.map((phase) => {
        const row = rowOf(
          scenario,
          phase,
          floor.find(({ kind }) => kind === phase.kind),
        );
        return phase.kind === "storm" ? { ...row, ...counted } : row;
      });
    } finally {
      await server.stop();
    }
  }

  async #measureFloor(scenario: Scenario, mesh: string): Promise<readonly Phase[]> {
    if (scenario.scoped || !this.#tool.hasFloorFor(scenario.services)) return [];
    const listen = "127.0.0.1:27020";
    const floor = this.#tool.startFloor(mesh, listen, scenario.mode === "delta");
    try {
      const load = { mesh, server: listen, pid: floor.pid ?? 0, mode: scenario.mode, proxies: scenario.proxies };
      const kinds = ["weight", "endpoint"];
      const out = join(this.#directory, "floor.json");
      return await this.#tool.run({ ...load, rounds, kinds }, out, () => Promise.resolve());
    } finally {
      await stop(floor);
    }
  }
}

function times(ours: number, other: number | undefined): string {
  return other === undefined ? "" : (ours / Math.max(other, 0.01)).toFixed(1);
}

function print(rows: readonly Row[]): string {
  const heads = ["scenario", "mode", "services", "proxies", "reached", "first ms", "p50", "p99", "max", "spread"];
  const columns = [
    ...heads,
    "CPU s",
    "peak MiB",
    "MB",
    "refused",
    "CPU / floor",
    "max / floor",
    "CPU / istiod",
    "max / istiod",
  ];
  const lines = rows.map((row) => {
    const { mode, scoped, services, proxies, floor } = row;
    const other = mode === "delta" && !scoped && services === 1_000 ? istiod[`${proxies} ${row.scenario}`] : undefined;
    return [
      row.scenario,
      scoped ? `${mode}, Sidecars` : mode,
      `${services}`,
      `${proxies}`,
      `${row.reached}/${row.expected}`,
      ...[row.first_ms, row.p50_ms, row.p99_ms, row.max_ms, row.spread_ms].map((ms) => ms.toFixed(0)),
      row.cpu_s.toFixed(2),
      row.rss_mib.toFixed(0),
      (row.bytes / 1e6).toFixed(2),
      `${row.refused}`,
      times(row.cpu_s, floor?.cpu_s),
      times(row.max_ms, floor?.max_ms),
      other ? (row.cpu_s / other.cpuSeconds).toFixed(3) : "",
      other ? (row.max_ms / other.maxMs).toFixed(3) : "",
    ];
  });
  return table(columns, lines);
}

const directory = await mkdtemp(join(tmpdir(), "heddle-bench-"));
try {
  const bench = new Bench(await LoadTool.build(directory), directory);
  const rows: Row[] = [];
  for (const scenario of scenarios()) {
    const { mode, services, proxies, scoped } = scenario;
    process.stderr.write(`${services} services, ${proxies} proxies, ${mode}${scoped ? ", Sidecars" : ""} …\n`);
    rows.push(...(await bench.measure(scenario)));
    await mkdir("out", { recursive: true });
    await writeFile("out/bench.json", `${JSON.stringify({ date: new Date().toISOString(), rounds, rows }, null, 2)}\n`);
  }
  console.log(print(rows));
  for (const { mode, scoped, services, proxies, loop_p99_ms, encoded, sent } of rows.filter(
    ({ scenario }) => scenario === "storm",
  ))
    console.log(
      `storm of ${proxies} (${services} services, ${mode}${scoped ? ", Sidecars" : ""}): ${encoded} resources encoded, ${sent} sent; event loop p99 ${loop_p99_ms} ms`,
    );
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  await rm(directory, { recursive: true, force: true });
}
