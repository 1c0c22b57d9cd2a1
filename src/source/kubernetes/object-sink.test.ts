import { createLog } from "../../lib/index.ts";
import { ObjectTable } from "../object-table.ts";
import { ObjectSink, type Judged } from "./object-sink.ts";

const peer = (name: string, mode: string, version: string, uid = "u") => ({
  apiVersion: "security.istio.io/v1",
  kind: "PeerAuthentication",
  metadata: { name, namespace: "shop", resourceVersion: version, uid, managedFields: [{ manager: "kubectl" }] },
  spec: { mtls: { mode } },
});

function open(kind = "PeerAuthentication") {
  const table = new ObjectTable();
  const judged = new Map<string, Judged | undefined>();
  const sink = new ObjectSink(kind, {
    table,
    log: createLog("silent"),
    onObject: (key, now) => judged.set(key, now),
    onChange: () => undefined,
  });
  const modes = () =>
    Object.fromEntries(
      table.objects().map(({ metadata, spec }) => [metadata.name, (spec as { mtls?: { mode?: string } }).mtls?.mode]),
    );
  return { table, sink, judged, modes };
}

it("forgets what a whole list does not have, and reads what changed (F38)", () => {
  const { sink, modes } = open();
  sink.replace([peer("a", "STRICT", "1"), peer("b", "STRICT", "2")]);
  sink.replace([peer("b", "DISABLE", "3"), peer("c", "STRICT", "1")]);
  expect(modes()).toEqual({ b: "DISABLE", c: "STRICT" });
  expect(sink.size).toBe(2);
});

it("believes a list that is older, and an object made anew under the same version", () => {
  const { sink, modes } = open();
  sink.replace([peer("a", "STRICT", "9")]);
  sink.replace([peer("a", "DISABLE", "3")]);
  expect(modes()).toEqual({ a: "DISABLE" });
  sink.replace([peer("a", "PERMISSIVE", "3", "other")]);
  expect(modes()).toEqual({ a: "PERMISSIVE" });
});

it("keeps the last valid version of a broken object, and says which version is broken", () => {
  const { sink, modes, table, judged } = open();
  sink.upsert(peer("a", "STRICT", "1"));
  sink.upsert(peer("a", "STRCT", "2"));
  expect(modes()).toEqual({ a: "STRICT" });
  expect(table.problems()).toMatchObject([
    { code: "HED112", field: "spec.mtls.mode", position: { file: "PeerAuthentication/shop/a@2", line: 0 } },
  ]);
  expect(judged.get("PeerAuthentication/shop/a")).toMatchObject({ isHeld: true, problems: [{ code: "HED112" }] });
  sink.upsert(peer("b", "STRCT", "3"));
  expect(judged.get("PeerAuthentication/shop/b")).toMatchObject({ isHeld: false });
  sink.remove(peer("a", "STRCT", "2"));
  expect(modes()).toEqual({});
});

it("keeps an object's identity when only its version or status is new", () => {
  const { sink, table } = open();
  sink.upsert(peer("a", "STRICT", "1"));
  const before = table.objects();
  sink.upsert({ ...peer("a", "STRICT", "2"), status: { conditions: [] } });
  expect(table.objects()).toBe(before);
  expect(before[0]?.origin.file).toBe("PeerAuthentication/shop/a@2");
});

it("reads how a workload is, and passes over since when", () => {
  const { sink, table } = open("WorkloadEntry");
  const annotations = { "proxy.istio.io/health-checks-enabled": "true" };
  const entry = (resourceVersion: string, status: string, more: object = {}) => ({
    apiVersion: "networking.istio.io/v1",
    kind: "WorkloadEntry",
    metadata: { name: "vm", namespace: "shop", resourceVersion, annotations },
    spec: { address: "10.0.0.1" },
    status: {
      conditions: [{ type: "heddle.io/Accepted", status: "True" }, { type: "Healthy", status, ...more }, null],
    },
  });
  sink.upsert(entry("1", "True"));
  const before = table.objects();
  expect(before).toMatchObject([{ spec: { address: "10.0.0.1", healthy: true } }]);
  sink.upsert(entry("2", "True", { lastProbeTime: "2026-11-22T00:00:00Z" }));
  expect(table.objects()).toBe(before);
  sink.upsert(entry("3", "False"));
  expect(table.objects()).toMatchObject([{ spec: { healthy: false } }]);
});

it("takes no commands and variables of containers from the API", () => {
  const { sink, table } = open("Pod");
  const container = { name: "app", image: "i", command: ["/run"], env: [{ name: "PASSWORD", value: "secret-7" }] };
  const securityContext = { runAsUser: 1337, capabilities: {} };
  const metadata = { name: "p", namespace: "shop", resourceVersion: "1" };
  sink.upsert({
    apiVersion: "v1",
    kind: "Pod",
    metadata,
    spec: { containers: [{ ...container, securityContext }] },
    status: {},
  });
  expect(table.objects()).toMatchObject([{ spec: { containers: [{ name: "app", runAsUser: 1337 }] } }]);
  expect(JSON.stringify(table.objects())).not.toContain("secret-7");
});

it("reads the mesh's settings from its ConfigMap, and keeps them when their text is gone", () => {
  const { sink, table } = open("ConfigMap");
  const map = (data: object, version: string) => ({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "heddle", namespace: "heddle-system", resourceVersion: version },
    data,
  });
  sink.replace([map({ mesh: "rootNamespace: heddle-system\n" }, "1")]);
  expect(table.objects()).toMatchObject([{ kind: "MeshConfig", spec: { rootNamespace: "heddle-system" } }]);
  sink.upsert(map({}, "2"));
  expect(table.objects()).toHaveLength(1);
  expect(table.problems()).toMatchObject([{ code: "HED401", level: "error" }, { code: "HED402" }]);
});

it.each([null, 1, "a", {}, { metadata: null }, { metadata: { name: 1 } }])("takes %p without harm", (item) => {
  const { sink, table } = open();
  sink.upsert(item);
  expect(table.objects()).toEqual([]);
});
