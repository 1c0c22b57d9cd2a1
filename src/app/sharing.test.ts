import { counters, type ProxyResources } from "../envoy/index.ts";
import { buildSnapshot, type Proxy, type Snapshot } from "../mesh/index.ts";
import { parseDocuments, type MeshObject } from "../model/index.ts";
import { describeProxy } from "./describe.ts";

const namespaces = 4;
const services = 40;

/** A service with one endpoint, a policy, and a weighted route. */
function serviceYaml(index: number, weight = 95, address = `10.1.0.${index}`): string {
  const metadata = `{ name: svc-${index}, namespace: ns-${index % namespaces} }`;
  const host = `svc-${index}.example.internal`;
  return `apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: ${metadata}
spec:
  hosts: [${host}]
  addresses: [10.200.0.${index}]
  location: MESH_INTERNAL
  resolution: STATIC
  ports: [{ number: 80, name: http, protocol: HTTP, targetPort: 8080 }, { number: 9000, name: tcp, protocol: TCP }]
  endpoints: [{ address: ${address}, labels: { version: v1 } }]
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: ${metadata}
spec: { host: ${host}, subsets: [{ name: v1, labels: { version: v1 } }, { name: v2, labels: { version: v2 } }] }
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: ${metadata}
spec:
  hosts: [${host}]
  http:
    - route:
        - { destination: { host: ${host}, subset: v1 }, weight: ${weight} }
        - { destination: { host: ${host}, subset: v2 }, weight: ${100 - weight} }
`;
}

function meshOf(files: readonly string[]): Map<string, readonly MeshObject[]> {
  return new Map(files.map((text, index) => [String(index), parseDocuments(text, `${index}.yaml`).objects]));
}

const files = Array.from({ length: services }, (_, index) => serviceYaml(index + 1));

function snapshotOf(mesh: ReadonlyMap<string, readonly MeshObject[]>, previous?: Snapshot): Snapshot {
  return buildSnapshot([...mesh.values()].flat(), previous).snapshot;
}

/** Clients without a service of their own, in all namespaces in turn. */
const proxies = Array.from({ length: 100 }, (_, index): Proxy => {
  const [name, namespace] = [`client-${index}`, `ns-${index % namespaces}`];
  const [addresses, locality] = [[`10.9.0.${index}`], { region: "", zone: "", subzone: "" }];
  return { type: "sidecar", name, namespace, serviceAccount: "default", addresses, labels: {}, locality, metadata: {} };
});

function describeAll(snapshot: Snapshot, some: readonly Proxy[]): ProxyResources[] {
  return some.map((proxy) => describeProxy(snapshot, proxy, { vhds: true, onDemandClusters: true }));
}

function encodedBy(work: () => void): number {
  const before = counters.encoded;
  work();
  return counters.encoded - before;
}

describe("the work for a publication", () => {
  const mesh = meshOf(files);
  const first = snapshotOf(mesh);

  /** The next mesh with one file changed; its objects that say the same are the same, as the source keeps them. */
  function changed(kind: MeshObject["kind"], text: string): Map<string, readonly MeshObject[]> {
    const fresh = parseDocuments(text, "0.yaml").objects;
    const kept = (mesh.get("0") ?? []).map((old) =>
      old.kind === kind ? (fresh.find((o) => o.kind === kind) ?? old) : old,
    );
    return new Map(mesh).set("0", kept);
  }

  it("encodes nothing for the second proxy of a namespace, nor for the hundredth, and hardly anything for another namespace", () => {
    const [one, ...others] = proxies.slice(0, namespaces);
    expect(encodedBy(() => describeAll(first, one ? [one] : []))).toBeGreaterThan(services * 3);
    expect(encodedBy(() => describeAll(first, others))).toBeLessThanOrEqual(others.length); // inbound listeners
    expect(encodedBy(() => describeAll(first, proxies))).toBe(0);
  });

  it("gives proxies that see the same the very same maps", () => {
    const shared = new Set(describeAll(first, proxies).map((resources) => resources.shared));
    expect(shared.size).toBe(1);
  });

  it.each([
    ["a weight", "VirtualService", serviceYaml(1, 90), "vhds", 1],
    ["an endpoint", "ServiceEntry", serviceYaml(1, 95, "10.1.1.1"), "eds", 4], // two ports, two subsets and none
  ] as const)("encodes only what %s touches, however many proxies there are", (_, kind, text, type, most) => {
    const next = snapshotOf(changed(kind, text), first);
    const [before] = describeAll(first, proxies);
    let after: ProxyResources[] = [];
    const encoded = encodedBy(() => (after = describeAll(next, proxies)));
    expect(encoded).toBeGreaterThan(0);
    expect(encoded).toBeLessThanOrEqual(most + 2);
    for (const { shared } of after) {
      for (const other of ["cds", "eds", "lds", "rds", "vhds"] as const)
        expect(shared[other] === before?.shared[other]).toBe(other !== type);
    }
  });
});
