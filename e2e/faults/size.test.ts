import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { bound, itSurvives } from "../harness/figures.ts";
import { projectRoot } from "../harness/index.ts";

/** What e2e/apps/large-mesh.ts prints. */
interface Figures {
  readonly snapshotMs: number;
  readonly changeMs: number;
  readonly viewP99Ms: number;
  readonly firstBuildMs: number;
  readonly endpoints: number;
  readonly hosts: number;
  readonly rssMiB: number;
  readonly peakMiB: number;
}

const services = bound({ short: 200, long: 1_000 });
const endpoints = bound({ short: 100, long: 1_000 });
const virtualServices = bound({ short: 2_000, long: 10_000 });

itSurvives(
  "F33",
  `${virtualServices} VirtualServices, ${services} services of ${endpoints} endpoints each`,
  async () => {
    const script = join(projectRoot(), "e2e/apps/large-mesh.ts");
    const size = [services, endpoints, virtualServices].map(String);
    const { stdout } = await promisify(execFile)(process.execPath, [script, ...size]);
    const figures = JSON.parse(stdout) as Figures;
    const { snapshotMs, changeMs, viewP99Ms, firstBuildMs, rssMiB, peakMiB } = figures;
    const whole = figures.endpoints === services * endpoints && figures.hosts > virtualServices;
    return {
      figure: `snapshot ${(snapshotMs / 1000).toFixed(1)} s, one endpoint's change ${(changeMs / 1000).toFixed(2)} s, view p99 ${viewP99Ms.toFixed(1)} ms, all resources of the first proxy ${(firstBuildMs / 1000).toFixed(1)} s, RSS ${rssMiB} MiB, at most ${peakMiB}`,
      limit: "snapshot 5 s, view p99 50 ms, RSS 1,430 MiB, nothing left out",
      pass: whole && snapshotMs < 5_000 && viewP99Ms < 50 && rssMiB < 1_430,
    };
  },
  600_000,
);
