import { readFileSync } from "node:fs";
import { join } from "node:path";
import { buildResources } from "../build.ts";
import { decodeResource } from "../decode.ts";
import { parseCase } from "../golden-case.ts";
import { counters } from "../resource.ts";
import { merge } from "./merge.ts";

const golden = (name: string): string =>
  readFileSync(join(__dirname, "../testdata/envoy-filter", name, "in.yaml"), "utf8");

it("leaves an EnvoyFilter out that makes what does not hold together, says why, and applies the others", () => {
  const { view } = parseCase(golden("left-out"));
  const { leftOut, shared } = buildResources(view, { vhds: true });
  expect(leftOut?.map(({ object, reason }) => [object.metadata.name, reason])).toEqual([
    ["broken", "lds 10.2.0.1_9000: there is no cluster nowhere"],
  ]);
  expect(shared.cds.get("BlackHoleCluster")?.provenance.map(({ object }) => object.metadata.name)).toEqual(["sound"]);
});

it("leaves out what an Envoy has refused, and takes it back when it is another one", () => {
  const { view } = parseCase(golden("cluster"));
  const object = view.envoyPatches[0]?.object;
  if (!object) throw new Error("the golden has a patch");
  const without = [{ object, reason: "said Envoy" }];
  const resources = buildResources(view, { vhds: true, without });
  expect(resources.leftOut).toEqual(without);
  expect(resources.shared).toBe(buildResources({ ...view, envoyPatches: [] }, { vhds: true }).shared);
  const changed = view.envoyPatches.map((patch) => ({ ...patch, object: { ...object } }));
  expect(buildResources({ ...view, envoyPatches: changed }, { vhds: true, without }).leftOut).toBeUndefined();
});

it("leaves proxies that no EnvoyFilter selects what they have, and shares what patches do not touch", () => {
  const { view } = parseCase(golden("cluster"));
  const plain = buildResources({ ...view, envoyPatches: [] }, { vhds: true });
  const before = counters.encoded;
  const patched = buildResources(view, { vhds: true });
  expect(counters.encoded - before).toBe(2); // one merged, one added, one removed
  expect(patched.own).toBe(plain.own);
  for (const type of ["eds", "lds", "rds", "vhds"] as const) expect(patched.shared[type]).toBe(plain.shared[type]);
  const again = counters.encoded;
  const other = { ...view, proxy: { ...view.proxy, name: "another" }, envoyPatches: [...view.envoyPatches] };
  expect(buildResources(other, { vhds: true }).shared).toBe(patched.shared);
  expect(counters.encoded).toBe(again);
});

it("patches virtual hosts that travel alone under their own names", () => {
  const { view } = parseCase(golden("routes"));
  const { vhds } = buildResources(view, { vhds: true }).shared;
  expect([...vhds.keys()].sort()).toEqual(["8080/allow_any", "8080/cart.shop.svc.cluster.local", "8080/more"]);
  for (const [name, resource] of vhds) expect(decodeResource(resource)["name"]).toBe(name);
});

it("merges as protobuf does: lists joined, messages merged, alternatives and entries of maps replaced", () => {
  const target = {
    a: [1],
    b: { x: 1, y: 2 },
    type: "EDS",
    typedConfig: { "@type": "A", z: 1 },
    filterMetadata: { m: { k: 1 } },
  };
  const patch = {
    a: [2],
    b: { y: 3 },
    clusterType: { name: "x" },
    typedConfig: { "@type": "B" },
    filterMetadata: { m: { l: 2 } },
  };
  expect(merge(target, patch)).toEqual({
    ...{ a: [1, 2], b: { x: 1, y: 3 }, clusterType: { name: "x" } },
    ...{ typedConfig: { "@type": "B" }, filterMetadata: { m: { l: 2 } } },
  });
});
