import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { projectRoot, startMesh, waitFor, type TestMesh } from "../../e2e/harness/index.ts";
import { table } from "../../src/app/output.ts";
import { memoryOf } from "./data-plane/processes.ts";
import { address, callers, hostOf, meshInput, type Caller } from "./on-demand/input.ts";

/** `BENCH=quick` takes a minute, and its figures are of a small mesh. */
const sizes = process.env["BENCH"] === "quick" ? [100] : [1_000, 5_000];

/** Services that a caller uses. */
const used = 28;

/** One caller in a mesh of so many services. Times in ms, memory in MiB. */
interface Row {
  readonly services: number;
  readonly clusters: Caller;
  /** Before and after the first requests. */
  readonly idle_mib: number;
  readonly used_mib: number;
  /** p50 and greatest of the first request to each of the used services, one after the other. */
  readonly first_ms: number;
  readonly first_max_ms: number;
  readonly warm_ms: number;
  /** With the control plane killed: requests to used services that failed, of 28; a request to a service that was never used. */
  readonly dead_used_failed: number;
  readonly dead_never_status: number;
  readonly dead_never_ms: number;
}

const rows: Row[] = [];
for (const services of sizes) {
  const mesh = await startMesh({ from: [await writeInput(services)] });
  try {
    rows.push(...(await measureMesh(mesh, services)));
  } finally {
    await mesh.close();
  }
}
await mkdir(join(projectRoot(), "out"), { recursive: true });
await writeFile(join(projectRoot(), "out/bench-on-demand.json"), JSON.stringify(rows, null, 2));
console.log(
  table(
    Object.keys(rows[0] ?? {}),
    rows.map((row) => Object.values(row).map(String)),
  ),
);

/** Returns the folder, relative to the checkout. */
async function writeInput(services: number): Promise<string> {
  const folder = `out/bench-on-demand/${services}`;
  await rm(join(projectRoot(), folder), { recursive: true, force: true });
  await mkdir(join(projectRoot(), folder), { recursive: true });
  for (const [n, yaml] of meshInput(services).entries())
    await writeFile(join(projectRoot(), folder, `${n}.yaml`), yaml);
  return folder;
}

async function measureMesh(mesh: TestMesh, services: number): Promise<Row[]> {
  const alive = [];
  for (const caller of callers) {
    const idle = await settledMemory(mesh, caller);
    const first = await callAll(mesh, caller);
    const again = [await callAll(mesh, caller), await callAll(mesh, caller)].map(({ ms }) => ms.p50);
    if (first.ok < used) throw new Error(`${caller}: ${JSON.stringify(first.byStatus)}`);
    alive.push({ caller, idle, first, warm: Math.min(...again), after: await settledMemory(mesh, caller) });
  }
  await mesh.kill9();
  const found: Row[] = [];
  for (const { caller, idle, first, warm, after } of alive) {
    const usedAgain = await callAll(mesh, caller);
    const headers = { host: hostOf(services - 1) };
    const never = (await mesh.request(caller, `http://${address}/`, { headers, timeoutMs: 60_000 })).answers[0];
    found.push({
      ...{ services, clusters: caller, idle_mib: round(idle), used_mib: round(after) },
      ...{ first_ms: round(first.ms.p50), first_max_ms: round(first.ms.max), warm_ms: round(warm) },
      ...{ dead_used_failed: usedAgain.failed, dead_never_status: never?.status ?? 0 },
      dead_never_ms: round(never?.ms ?? 0),
    });
  }
  return found;
}

/** One request to each of the used services, one after the other on one connection. */
function callAll(mesh: TestMesh, caller: Caller) {
  const headers = { host: hostOf("{n}") };
  return mesh.request(caller, `http://${address}/`, { count: used, headers, keepAlive: true, concurrency: 1 });
}

/** What is a sidecar's alone (RssAnon), when it no longer changes. */
async function settledMemory(mesh: TestMesh, caller: Caller): Promise<number> {
  let before = Number.POSITIVE_INFINITY;
  return waitFor(
    "memory to settle",
    async () => {
      const { rssAnon } = await memoryOf(mesh.workload(caller).sidecarPid());
      const steady = Math.abs(rssAnon - before) < 0.1;
      before = rssAnon;
      return steady && rssAnon;
    },
    { everyMs: 2_000, timeoutMs: 120_000 },
  );
}

function round(value: number): number {
  return Number(value.toFixed(1));
}
