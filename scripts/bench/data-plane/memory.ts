import { waitFor, type TestMesh } from "../../../e2e/harness/index.ts";
import { clientPod, documents } from "./input.ts";
import { memoryOf } from "./processes.ts";

/** A sidecar that knows so many services. MiB. */
export interface MemoryRow {
  readonly services: number;
  readonly rss_mib: number;
  readonly rss_anon_mib: number;
}

/** The client's sidecar with more and more services that it does not call: it knows all of them. */
export async function measureMemory(mesh: TestMesh, sizes: readonly number[]): Promise<MemoryRow[]> {
  const rows: MemoryRow[] = [];
  for (const services of sizes) {
    await mesh.writePolicy("many.yaml", documents(Array.from({ length: services }, (_, n) => serviceEntry(n))));
    const last = `outbound\\|80\\|\\|s${services - 1}\\.many\\.example`;
    await waitFor(`${services} services`, async () => (await mesh.admin(clientPod, "/clusters")).match(last) !== null);
    const { rss, rssAnon } = await settled(() => memoryOf(mesh.workload(clientPod).sidecarPid()));
    rows.push({ services, rss_mib: Number(rss.toFixed(1)), rss_anon_mib: Number(rssAnon.toFixed(1)) });
  }
  return rows;
}

/** What is measured when it no longer changes. */
async function settled(measure: () => Promise<{ rss: number; rssAnon: number }>) {
  let before = await measure();
  return waitFor(
    "memory to settle",
    async () => {
      const now = await measure();
      const steady = now.rssAnon - before.rssAnon < 0.1;
      before = now;
      return steady && now;
    },
    { everyMs: 1_000 },
  );
}

function serviceEntry(n: number): object {
  return {
    apiVersion: "networking.istio.io/v1",
    kind: "ServiceEntry",
    metadata: { name: `s${n}`, namespace: "default" },
    spec: {
      hosts: [`s${n}.many.example`],
      location: "MESH_INTERNAL",
      resolution: "STATIC",
      addresses: [`10.100.${n >> 8}.${n & 255}`],
      ports: [{ name: "http", number: 80, protocol: "HTTP" }],
      endpoints: [1, 2, 3].map((replica) => ({
        address: `10.101.${(n * 3 + replica) >> 8}.${(n * 3 + replica) & 255}`,
      })),
    },
  };
}
