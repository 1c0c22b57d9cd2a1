import { readFileSync } from "node:fs";
import { join } from "node:path";
import { buildResources } from "./build.ts";
import { parseCase } from "./golden-case.ts";

const text = readFileSync(join(__dirname, "testdata/on-demand/workload/in.yaml"), "utf8");
const { view } = parseCase(text);
const cluster = (port: number, subset = "", host = "cart") =>
  `outbound|${port}|${subset}|${host}.shop.svc.cluster.local`;

describe.each([true, false])("clusters on demand (vhds: %s)", (vhds) => {
  const resources = buildResources(view, { vhds });

  it("leave those that Envoy never asks for: infrastructure, TCP, mirrors", () => {
    expect([...(resources.onDemand?.eager ?? [])].sort()).toEqual([
      "BlackHoleCluster",
      "InboundPassthroughCluster",
      "PassthroughCluster",
      cluster(80, "", "audit"),
      cluster(9000),
    ]);
  });

  it("know which clusters a virtual host sends to together", () => {
    const companions = resources.onDemand?.companionsOf(cluster(80, "v1")) ?? [];
    expect([...new Set(companions)].sort()).toEqual([cluster(80, "v1"), cluster(80, "v2")]);
    expect(resources.onDemand?.companionsOf(cluster(80, "", "audit"))).toEqual([]);
  });

  it("cost other proxies nothing: all but the route configurations is what those share that get all clusters", () => {
    const eager = buildResources({ ...view, onDemandClusters: false }, { vhds });
    for (const type of ["cds", "eds", "lds"] as const) expect(resources.shared[type]).toBe(eager.shared[type]);
    for (const [name, host] of eager.shared.vhds) expect(resources.shared.vhds.get(name)).toBe(host);
    expect(resources.shared.rds).not.toBe(eager.shared.rds);
    expect(eager.onDemand).toBeUndefined();
  });

  it("are off on a stream that cannot ask for single clusters", () => {
    const sotw = buildResources(view, { vhds, onDemandClusters: false });
    expect(sotw).toBe(buildResources({ ...view, onDemandClusters: false }, { vhds }));
  });
});
