import { buildSnapshot, viewFor, type Proxy, type Snapshot } from "../mesh/index.ts";
import { parseDocuments, type MeshObject } from "../model/index.ts";
import { buildResources } from "./build.ts";
import { counters, type ProxyResources } from "./resource.ts";

const service = (name: string, ip: string, port: string) => `
apiVersion: v1
kind: Service
metadata: { name: ${name}, namespace: default }
spec:
  clusterIP: ${ip}
  selector: { app: ${name} }
  ports: [${port}]
---`;

const pod = (name: string, app: string, ip: string) => `
apiVersion: v1
kind: Pod
metadata: { name: ${name}, namespace: default, labels: { app: ${app} } }
spec: { containers: [{ name: app }] }
status: { podIP: ${ip}, phase: Running }
---`;

const services = [
  service("web", "10.2.0.1", "{ name: http, port: 80 }"),
  service("redis", "10.2.0.2", "{ name: tcp, port: 6379 }"),
  service("mystery", "10.2.0.3", "{ name: any, port: 9000 }"),
  service("db", "None", "{ name: tcp, port: 5432 }"),
].join("");

function proxy(name: string, namespace = "default"): Proxy {
  return {
    type: "sidecar",
    name,
    namespace,
    serviceAccount: "default",
    addresses: ["10.1.9.9"],
    labels: {},
    locality: { region: "", zone: "", subzone: "" },
    metadata: {},
  };
}

/** Parsed once, so that unchanged text keeps its objects, as the object table does. */
const parsed = new Map<string, readonly MeshObject[]>();

function mesh(texts: readonly string[], previous?: Snapshot): Snapshot {
  const objects = texts.flatMap((text) => {
    const known = parsed.get(text) ?? parseDocuments(text, "mesh.yaml").objects;
    parsed.set(text, known);
    return known;
  });
  return buildSnapshot(objects, previous).snapshot;
}

function build(snapshot: Snapshot, who = proxy("a")): ProxyResources {
  return buildResources(viewFor(snapshot, who), { vhds: true });
}

describe("buildResources", () => {
  const first = mesh([services, pod("web-1", "web", "10.1.0.1"), pod("db-1", "db", "10.1.0.2")]);
  const before = build(first);

  it("encodes nothing more for a second proxy that sees the same", () => {
    const { encoded } = counters;
    const other = build(first, proxy("b"));
    expect(counters.encoded).toBe(encoded);
    expect(other.shared).toBe(before.shared);
  });

  it("shares listeners between scopes that see the same services", () => {
    const elsewhere = build(first, proxy("c", "elsewhere"));
    expect(elsewhere.shared).not.toBe(before.shared);
    for (const [name, listener] of before.shared.lds) expect(elsewhere.shared.lds.get(name)).toBe(listener);
  });

  it("changes endpoints alone when an endpoint changes", () => {
    const pods = [pod("web-1", "web", "10.1.0.1"), pod("web-2", "web", "10.1.0.3"), pod("db-1", "db", "10.1.0.2")];
    const after = build(mesh([services, ...pods], first));
    expect(after.shared.eds).not.toBe(before.shared.eds);
    expect(after.own).toBe(before.own);
    for (const type of ["cds", "lds", "rds", "vhds"] as const) expect(after.shared[type]).toBe(before.shared[type]);
  });

  it("adds a listener when a pod is added to a headless service, and touches no other", () => {
    const pods = [pod("web-1", "web", "10.1.0.1"), pod("db-1", "db", "10.1.0.2"), pod("db-2", "db", "10.1.0.4")];
    const after = build(mesh([services, ...pods], first));
    expect([...after.shared.lds.keys()].filter((name) => !before.shared.lds.has(name))).toEqual(["10.1.0.4_5432"]);
    for (const [name, listener] of before.shared.lds) expect(after.shared.lds.get(name)).toBe(listener);
  });

  it("makes a listener of its own for each mode of outbound traffic", () => {
    const strict =
      "apiVersion: mesh.istio.io/v1alpha1\nkind: MeshConfig\noutboundTrafficPolicy: { mode: REGISTRY_ONLY }\n";
    const after = build(
      mesh([services, strict, pod("web-1", "web", "10.1.0.1"), pod("db-1", "db", "10.1.0.2")], first),
    );
    const version = ({ shared }: ProxyResources) => shared.lds.get("0.0.0.0_80")?.version;
    expect(version(after)).not.toBe(version(before));
  });

  it("takes a TCP port of a ServiceEntry away from all addresses once it is for selected workloads", () => {
    const entry = (more: string) => `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: old, namespace: default }
spec: { hosts: [old.example.com], resolution: NONE, ports: [{ name: tcp, number: 7000, protocol: TCP }]${more} }
---`;
    const chosen = mesh([services, entry("")], first);
    expect(build(chosen).shared.lds.has("0.0.0.0_7000")).toBe(true);
    const selecting = mesh([services, entry(", workloadSelector: { labels: { app: legacy } }")], chosen);
    expect(build(selecting).shared.lds.has("0.0.0.0_7000")).toBe(false);
    expect(build(mesh([services, entry("")], selecting)).shared.lds.has("0.0.0.0_7000")).toBe(true);
  });
});
