import { readFileSync } from "node:fs";
import { buildResources } from "../../src/envoy/index.ts";
import { buildSnapshot, viewFor, type Proxy } from "../../src/mesh/index.ts";
import { ApiOrigin, parseObject, type MeshObject } from "../../src/model/index.ts";

/**
 * Holds one large mesh, as a control plane would that had read it from a Kubernetes API, and prints one line of JSON of what that took. Arguments:
 * how many services, how many endpoints each of them has, how many VirtualServices there are.
 */
const [services = 0, endpoints = 0, virtualServices = 0] = process.argv.slice(2).map(Number);
const namespaces = 50;
const proxies = 1_000;

const namespaceOf = (n: number): string => `team-${n % namespaces}`;
const addressOf = (n: number): string => `10.${(n >> 16) & 255}.${(n >> 8) & 255}.${n & 255}`;

function objectOf(apiVersion: string, kind: string, name: string, namespace: string, more: object): MeshObject {
  const raw = { apiVersion, kind, metadata: { name, namespace, uid: `${kind}-${name}` }, ...more };
  const { object, problems } = parseObject(raw, new ApiOrigin(`${kind}/${namespace}/${name}`, "1"));
  if (!object) throw new Error(JSON.stringify(problems));
  return object;
}

function serviceOf(n: number): MeshObject {
  const spec = {
    clusterIP: addressOf(0x600000 + n),
    selector: { app: `app-${n}` },
    ports: [{ name: "http", port: 80 }],
  };
  return objectOf("v1", "Service", `app-${n}`, namespaceOf(n), { spec });
}

/** The endpoints of a service, at most a thousand to a slice, as Kubernetes allows. `moved`: its first one is elsewhere. */
function slicesOf(n: number, moved = false): MeshObject[] {
  const all = Array.from({ length: endpoints }, (_, i) => ({
    addresses: [moved && i === 0 ? "192.0.2.1" : addressOf(n * endpoints + i)],
    conditions: { ready: true },
    zone: `zone-${i % 3}`,
  }));
  return Array.from({ length: Math.ceil(endpoints / 1_000) }, (_, part) => {
    const name = `app-${n}-${part}`;
    const raw = {
      addressType: "IPv4",
      ports: [{ name: "http", port: 80 }],
      endpoints: all.slice(part * 1_000, (part + 1) * 1_000),
    };
    const metadata = { name, namespace: namespaceOf(n), labels: { "kubernetes.io/service-name": `app-${n}` } };
    const read = parseObject(
      { apiVersion: "discovery.k8s.io/v1", kind: "EndpointSlice", metadata, ...raw },
      new ApiOrigin(`EndpointSlice/${name}`, moved ? "2" : "1"),
    );
    if (!read.object) throw new Error(JSON.stringify(read.problems));
    return read.object;
  });
}

/** The first rules are the services' own, all others those of hosts outside. */
function virtualServiceOf(n: number): MeshObject {
  const host = `app-${n % services}.${namespaceOf(n % services)}.svc.cluster.local`;
  const spec = {
    hosts: [n < services ? host : `host-${n}.example`],
    http: [
      { match: [{ uri: { prefix: "/v1" } }], timeout: "5s", route: [{ destination: { host } }] },
      { route: [{ destination: { host } }] },
    ],
  };
  return objectOf("networking.istio.io/v1", "VirtualService", `rule-${n}`, namespaceOf(n), { spec });
}

const times = (count: number, make: (n: number) => MeshObject | MeshObject[]): MeshObject[] =>
  Array.from({ length: count }, (_, n) => make(n)).flat();

function timed<T>(work: () => T): { readonly result: T; readonly ms: number } {
  const started = performance.now();
  const result = work();
  return { result, ms: Math.round((performance.now() - started) * 10) / 10 };
}

function memory(field: "VmRSS" | "VmHWM"): number {
  const kilobytes = Number(new RegExp(`${field}:\\s+(\\d+)`).exec(readFileSync("/proc/self/status", "utf8"))?.[1] ?? 0);
  return Math.round(kilobytes / 1024);
}

const { result: objects, ms: parseMs } = timed(() => [
  ...times(services, serviceOf),
  ...times(services, (n) => slicesOf(n)),
  ...times(virtualServices, virtualServiceOf),
]);
const { result: first, ms: snapshotMs } = timed(() => buildSnapshot(objects));
const moved = slicesOf(0, true);
const changed = objects.map(
  (object) => moved.find((one) => one.kind === object.kind && one.metadata.name === object.metadata.name) ?? object,
);
const { result: second, ms: changeMs } = timed(() => buildSnapshot(changed, first.snapshot));
const { snapshot } = second;

const proxyOf = (n: number): Proxy => ({
  type: "sidecar",
  name: `client-${n}`,
  namespace: namespaceOf(n),
  serviceAccount: "client",
  addresses: [addressOf(0x700000 + n)],
  labels: { app: `client-${n}` },
  locality: { region: "", zone: `zone-${n % 3}`, subzone: "" },
  metadata: {},
});
const views = Array.from({ length: proxies }, (_, n) => timed(() => viewFor(snapshot, proxyOf(n))));
const sorted = views.map(({ ms }) => ms).sort((a, b) => a - b);
const built = views.slice(0, namespaces).map(({ result }) => timed(() => buildResources(result, { vhds: true })));
const encoded = built[0]?.result.shared;
const figures = {
  ...{ parseMs, snapshotMs, changeMs },
  viewP99Ms: sorted[Math.ceil(proxies * 0.99) - 1],
  viewMaxMs: sorted.at(-1),
  firstBuildMs: built[0]?.ms,
  nextBuildMs: built[1]?.ms,
  endpoints: [...snapshot.endpoints.values()].reduce((sum, set) => sum + set.endpoints.length, 0),
  assignments: encoded?.eds.size,
  hosts: encoded?.vhds.size,
  ...{ rssMiB: memory("VmRSS"), peakMiB: memory("VmHWM") },
};
process.stdout.write(`${JSON.stringify(figures)}\n`);
