import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { credentialsOf } from "../../e2e/harness/credentials.ts";
import { projectRoot, startMesh, type TestMesh } from "../../e2e/harness/index.ts";
import { envoyPath } from "../../src/app/up/index.ts";
import { clientPod, meshInput, ports, serverAccount, serverPod } from "./data-plane/input.ts";
import type { Lane } from "./data-plane/lane.ts";
import { removeRequest, writeRequest, type Scenario } from "./data-plane/load.ts";
import { measure, type Place } from "./data-plane/measure.ts";
import { measureMemory } from "./data-plane/memory.ts";
import { startEnvoy } from "./data-plane/pair.ts";
import { grid, rowsFor, table, type Row } from "./data-plane/report.ts";
import { clientConfig, serverConfig } from "./data-plane/static.ts";

const scenarios: readonly Scenario[] = [
  { name: "HTTP/1.1 closed, 16 connections", version: "HTTP/1.1", connections: 16, streams: 1 },
  { name: "HTTP/1.1 open, 1000/s", version: "HTTP/1.1", connections: 16, streams: 1, rate: 1000 },
  { name: "HTTP/2 closed, 4 x 8 streams", version: "HTTP/2", connections: 4, streams: 8 },
  { name: "HTTP/2 open, 1000/s", version: "HTTP/2", connections: 4, streams: 8, rate: 1000 },
];

/** How much is measured: `BENCH=quick` takes less than a minute, and its figures are rough. */
const sizes = {
  quick: { rounds: 2, seconds: 1, services: [10, 100] },
  full: { rounds: 9, seconds: 3, services: [10, 100, 1000] },
} as const;

const size = sizes[process.env["BENCH"] === "quick" ? "quick" : "full"];
const envoy = envoyPath(projectRoot());

const mesh = await startMesh({ yaml: meshInput(envoy) });
await writeRequest();
try {
  await bench(mesh);
} finally {
  await removeRequest();
  await mesh.close();
}

async function bench(mesh: TestMesh): Promise<void> {
  const lanes = [directLane(mesh), await staticLane(mesh), ...ourLanes(mesh)];
  const base = lanes.findIndex(({ name }) => name === "static");
  const place: Place = { namespaces: [namespaceOf(clientPod), namespaceOf(serverPod)], ...size };
  await measure(lanes, scenarios[0] as Scenario, { ...place, rounds: 1, seconds: 1 }); // to warm up
  const rows: Row[] = [];
  for (const scenario of scenarios) rows.push(...rowsFor(scenario, lanes, await measure(lanes, scenario, place), base));
  console.log(table(rows));
  const memory = await measureMemory(mesh, size.services);
  const cells = memory.map((row) => [row.services, row.rss_mib, row.rss_anon_mib].map(String));
  console.log(`\n${grid([["services", "RSS MiB", "RssAnon MiB"], ...cells])}`);
  const out = join(projectRoot(), "out", "bench-data-plane.json");
  await mkdir(dirname(out), { recursive: true });
  await writeFile(out, `${JSON.stringify({ rows, memory }, null, 1)}\n`);
}

function namespaceOf(pod: string): string {
  return mesh.workload(pod).namespace.name;
}

function directLane(mesh: TestMesh): Lane {
  const address = mesh.addressOf(serverPod);
  return { name: "direct", pids: [], urlFor: (version) => `http://${address}:${ports.permissive[version].app}/` };
}

function ourLanes(mesh: TestMesh): Lane[] {
  return (["permissive", "strict"] as const).map((mode) => ({
    name: `ours, ${mode.toUpperCase()}`,
    ports: { outbound: 15_001, inbound: 15_006 },
    pids: [clientPod, serverPod].map((pod) => mesh.workload(pod).sidecarPid()),
    urlFor: (version) => `http://bench:${ports[mode][version].port}/`,
  }));
}

async function staticLane(mesh: TestMesh): Promise<Lane> {
  const authority = await mesh.controlPlane.authority();
  const idOf = (account: string) => `spiffe://${authority.trustDomain}/ns/default/sa/${account}`;
  const [ofClient, ofServer] = [
    await credentialsOf(authority, "bench-client"),
    await credentialsOf(authority, serverAccount),
  ];
  const at = { outbound: 15_101, inbound: 15_106 };
  const start = (pod: string, bootstrap: Parameters<typeof startEnvoy>[1]) => {
    const { logDirectory, policyDirectory } = mesh;
    const directory = dirname(policyDirectory);
    return startEnvoy({ name: `static-${pod}`, envoy, namespace: namespaceOf(pod), directory, logDirectory }, bootstrap);
  };
  const started = [
    await start(clientPod, clientConfig(at.outbound, mesh.addressOf(serverPod), idOf(serverAccount), ofClient)),
    await start(serverPod, serverConfig(at.inbound, idOf("bench-client"), ofServer)),
  ];
  return {
    name: "static",
    ports: at,
    pids: started.map(({ pid }) => pid),
    urlFor: (version) => `http://bench:${ports.permissive[version].port}/`,
  };
}
