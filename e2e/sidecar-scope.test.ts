import { readFile } from "node:fs/promises";
import { echoPod, echoService, meshConfig, meshForSuite } from "./harness/index.ts";

const others = 300;

/** Two clients of one mesh: `narrow` imports one service of it, `wide` has no Sidecar. */
const mesh = meshForSuite({
  yaml: [
    echoPod({ name: "wide" }),
    echoPod({ name: "narrow" }),
    echoPod({ name: "server" }),
    echoService({ name: "server" }),
    ...Array.from({ length: others }, (_, n) =>
      echoService({ name: `other-${n}`, ports: { http: [80, 8080], tcp: [7000 + n] } }),
    ),
    `---
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: { name: narrow, namespace: default }
spec:
  workloadSelector: { labels: { app: narrow } }
  egress: [{ hosts: ["./server.default.svc.cluster.local"] }]
`,
  ].join(""),
});

interface Figures {
  readonly received: number; // bytes from the control plane
  readonly clusters: number;
  readonly allocated: number; // bytes
  readonly rssAnon: number; // kB
}

async function figuresOf(pod: string): Promise<Figures> {
  const names = [
    "cluster.xds-grpc.upstream_cx_rx_bytes_total",
    "cluster_manager.active_clusters",
    "server.memory_allocated",
  ];
  const stats = await mesh().envoyStats(pod, `^(${names.join("|").replaceAll(".", "\\.")})$`);
  const status = await readFile(`/proc/${mesh().workload(pod).sidecarPid()}/status`, "utf8");
  const [received = 0, clusters = 0, allocated = 0] = names.map((name) => stats[name] ?? 0);
  return { received, clusters, allocated, rssAnon: Number(/RssAnon:\s+(\d+)/.exec(status)?.[1] ?? 0) };
}

it("a Sidecar's egress hosts keep bytes and memory from an Envoy that does not need them", async () => {
  for (const client of ["wide", "narrow"])
    expect((await mesh().request(client, "http://server/")).byStatus).toEqual({ "200": 1 });
  const [wide, narrow] = [await figuresOf("wide"), await figuresOf("narrow")];
  expect(wide.clusters - narrow.clusters).toBe(2 * others);
  expect(wide.received).toBeGreaterThan(10 * narrow.received);
  expect(wide.allocated - narrow.allocated).toBeGreaterThan(2_000_000);
  expect(wide.rssAnon).toBeGreaterThan(narrow.rssAnon);
});

it("exportTo keeps them from Envoys of other namespaces", async () => {
  await mesh().applyPolicy(
    meshConfig({ defaultServiceExportTo: ["."] }) + echoPod({ name: "far", namespace: "elsewhere" }),
  );
  await mesh().updateWorkloads();
  const [wide, far] = [await figuresOf("wide"), await figuresOf("far.elsewhere")];
  expect(wide.clusters - far.clusters).toBe(2 * others + 1); // all but its own
  expect(wide.received).toBeGreaterThan(10 * far.received);
  expect(wide.allocated - far.allocated).toBeGreaterThan(2_000_000);
  expect(wide.rssAnon).toBeGreaterThan(far.rssAnon);
});
