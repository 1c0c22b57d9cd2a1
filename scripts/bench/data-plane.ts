import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { projectRoot, startMesh, type TestMesh } from "../../e2e/harness/index.ts";
import { table as aligned } from "../../src/app/output.ts";
import { envoyPath } from "../../src/app/up/index.ts";
import { clientPod, meshInput, serverPod, type HttpVersion } from "./data-plane/input.ts";
import { countInstructions, countingCommand, type Instructions } from "./data-plane/instructions.ts";
import { directLane, ourLanes, Pairs } from "./data-plane/lanes.ts";
import { removeRequest, writeRequest, type Scenario } from "./data-plane/load.ts";
import { measure, type Place } from "./data-plane/measure.ts";
import { measureMemory } from "./data-plane/memory.ts";
import { parts, timersOff, whole } from "./data-plane/parts.ts";
import { rowsFor, table, type Row } from "./data-plane/report.ts";

/** The load of https://istio.io/latest/docs/ops/deployment/performance-and-scalability/: 1,000 requests a second of 1 KB, and as many as will go. */
const scenarios: readonly Scenario[] = [
  { name: "HTTP/1.1 closed, 16 connections", version: "HTTP/1.1", connections: 16, streams: 1 },
  { name: "HTTP/1.1 open, 1000/s", version: "HTTP/1.1", connections: 16, streams: 1, rate: 1000 },
  { name: "HTTP/2 closed, 4 x 8 streams", version: "HTTP/2", connections: 4, streams: 8 },
  { name: "HTTP/2 open, 1000/s", version: "HTTP/2", connections: 4, streams: 8, rate: 1000 },
];

/** `BENCH`: how much is measured. `quick` takes less than a minute, and its figures are rough. */
const sizes = {
  quick: { rounds: 2, seconds: 1, services: [10, 100] },
  full: { rounds: 30, seconds: 2, services: [10, 100, 1000] },
} as const;

const mode = process.env["BENCH"] ?? "full";
/** `BENCH_ONLY`: words, with commas; of the scenarios or parts, only those with one of these in their name. */
const words = (process.env["BENCH_ONLY"] ?? "").split(",").filter((word) => word !== "");
const isWanted = ({ name }: { readonly name: string }): boolean =>
  words.length === 0 || words.some((word) => name.includes(word));
const envoy = envoyPath(projectRoot());

const mesh = await startMesh({ yaml: meshInput(envoy) });
const pairs = await Pairs.open(mesh, envoy, mode === "parts" ? countingCommand : undefined);
await writeRequest();
try {
  if (mode === "parts") await countParts(mesh, pairs);
  else await compareLanes(mesh, pairs, sizes[mode === "quick" ? "quick" : "full"]);
} finally {
  await pairs.stop();
  await removeRequest();
  await mesh.close();
}

/** Ours beside the smallest configuration and beside none. */
async function compareLanes(mesh: TestMesh, pairs: Pairs, size: (typeof sizes)["quick" | "full"]): Promise<void> {
  const byHand = await pairs.startStatic();
  const again = { ...byHand, name: "static, again" }; // how far two readings of the same thing are apart
  const lanes = [directLane(mesh), byHand, again, ...ourLanes(mesh)];
  const place = { ...placeOf(mesh), ...size };
  const rows: Row[] = [];
  for (const scenario of scenarios.filter(isWanted)) {
    await measure(lanes, scenario, { ...place, rounds: 1, seconds: 1 }); // connections are made, buffers grow
    rows.push(...rowsFor(scenario, lanes, await measure(lanes, scenario, place), 1));
  }
  console.log(table(rows));
  const memory = await measureMemory(mesh, size.services);
  const cells = memory.map((row) => [row.services, row.rss_mib, row.rss_anon_mib].map(String));
  console.log(`\n${aligned(["services", "RSS MiB", "RssAnon MiB"], cells)}`);
  await write("bench-data-plane.json", { rows, memory });
}

interface PartRow extends Instructions {
  readonly part: string;
  readonly version: HttpVersion;
  readonly ratio: number; // of both sidecars together, to those with every part
}

/** What each part of our configuration costs: ours replayed, then the same without one part after the other, then the smallest. */
async function countParts(mesh: TestMesh, pairs: Pairs): Promise<void> {
  const { namespaces } = placeOf(mesh);
  const [http1, http2] = scenarios.filter(({ rate }) => rate === undefined);
  if (!http1 || !http2) throw new Error("unreachable: both are in the list");
  const starts = [
    ...[whole, ...parts.filter(isWanted)].map((part) => () => pairs.startReplay(part)),
    () => pairs.startStatic(),
    () => pairs.startStatic(timersOff),
  ];
  const rows: PartRow[] = [];
  for (const start of starts) {
    const lane = await start();
    const [client = "", server = ""] = pairs.folders;
    for (const scenario of [http1, http2]) {
      const counted = await countInstructions(lane, [client, server], scenario, namespaces);
      const { version } = scenario;
      const base = rows.find((row) => row.version === version) ?? counted; // the first is the whole
      const ratio = (counted.client + counted.server) / (base.client + base.server);
      rows.push({ part: lane.name, version, ...counted, ratio });
      console.log([version, counted.client, counted.server, ratio.toFixed(3), lane.name].join("  "));
    }
    await pairs.stop();
  }
  await write("bench-data-plane-parts.json", { rows });
}

function placeOf(mesh: TestMesh): Pick<Place, "namespaces"> {
  const namespaceOf = (pod: string) => mesh.workload(pod).namespace.name;
  return { namespaces: [namespaceOf(clientPod), namespaceOf(serverPod)] };
}

async function write(file: string, content: object): Promise<void> {
  const path = join(projectRoot(), "out", file);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, `${JSON.stringify(content, null, 1)}\n`);
}
