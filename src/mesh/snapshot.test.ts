import fc from "fast-check";
import { objectKey, type MeshObject } from "../model/index.ts";
import { newestOf } from "./objects.ts";
import { indexOf } from "./snapshot-index.ts";
import { buildSnapshot } from "./snapshot.ts";
import { entryYaml, meshOf, objectsOf, podYaml, serviceYaml, sidecar, yaml } from "./testing.ts";
import type { Snapshot } from "./snapshot-types.ts";
import type { ProxyView } from "./types.ts";
import { viewFor } from "./view.ts";

const rule = yaml("VirtualService", "a", "x", "hosts: [a.com]\nhttp: [{ route: [{ destination: { host: a.com } }] }]");
const policy = yaml("DestinationRule", "a", "x", "host: a.com\nsubsets: [{ name: v1, labels: { version: v1 } }]");
const others = serviceYaml("web") + podYaml("web-a", "web", "10.1.0.1") + rule + policy;
const view = (mesh: Snapshot, namespace = "default") => viewFor(mesh, sidecar({ namespace, addresses: ["10.1.0.1"] }));

/** The EndpointSets of a view by hostname. */
function endpoints({ scope, endpoints: of }: ProxyView) {
  return new Map(scope.services.map((visible) => [visible.service.hostname, of(visible)]));
}

describe("a snapshot after nothing has changed", () => {
  it("is the previous one, though every object was read again", () => {
    const first = meshOf(others + entryYaml("a", "x", "a.com", ["10.0.0.1"]));
    expect(meshOf(others + entryYaml("a", "x", "a.com", ["10.0.0.1"]), first)).toBe(first);
    expect(Object.isFrozen(first)).toBe(true);
  });

  it("knows where its objects stand now", () => {
    const first = meshOf(rule);
    const second = meshOf(`# a line more\n${rule}`, first);
    expect(second).toBe(first);
    const [object] = first.virtualServices;
    if (!object) throw new Error("no VirtualService");
    expect(newestOf(indexOf(second).objects, object).origin.at([]).line).toBe(object.origin.at([]).line + 1);
  });
});

describe("a change of endpoints", () => {
  const webHost = "web.default.svc.cluster.local";
  const entry = (...ips: string[]) => others + entryYaml("a", "x", "a.com", ips);

  it.each([
    ["written in a ServiceEntry", entry("10.0.0.1"), entry("10.0.0.1", "10.0.0.2"), "a.com"],
    ["that are pods", entry(), entry() + podYaml("web-b", "web", "10.1.0.2"), webHost],
    [
      "that become unready",
      entry(),
      entry().replace("podIP: 10.1.0.1", 'podIP: 10.1.0.1, conditions: [{ type: Ready, status: "False" }]'),
      webHost,
    ],
  ])("%s changes that service's EndpointSet and nothing else", (_, before, after, host) => {
    const first = meshOf(before);
    const old = view(first);
    const second = meshOf(after.replace("status: { podIP: 10.1.0.1, ", "status: { podIP: 10.1.0.1, "), first);
    const now = view(second);
    expect(second).not.toBe(first);
    expect(second.services).toBe(first.services);
    expect(now.scope).toBe(old.scope);
    expect(now.inbound).toBe(old.inbound);
    const [was, is] = [endpoints(old), endpoints(now)];
    for (const [hostname, set] of is) expect(set === was.get(hostname)).toBe(hostname !== host);
    const kept = is.get(host)?.endpoints.filter((endpoint) => was.get(host)?.endpoints.includes(endpoint));
    expect(kept).toHaveLength(host === "a.com" || after.includes("web-b") ? 1 : 0);
  });

  it("that brings a new identity changes what clients check, and the endpoints", () => {
    const first = meshOf(entry());
    const second = meshOf(
      entry() + podYaml("web-b", "web", "10.1.0.2").replace("serviceAccountName: web", "serviceAccountName: other"),
      first,
    );
    expect(view(second).scope.byHostname.get(webHost)?.serviceAccounts).toEqual([
      "spiffe://cluster.local/ns/default/sa/other",
      "spiffe://cluster.local/ns/default/sa/web",
    ]);
    expect(view(second).scope.byHostname.get("a.com")).toBe(view(first).scope.byHostname.get("a.com"));
  });
});

describe("a change of policy", () => {
  const namespaces = ["default", "x"];
  const mesh = (subset: string) => others.replace("name: v1", `name: ${subset}`) + entryYaml("a", "x", "a.com", []);

  it("of one DestinationRule changes one VisibleService, in all scopes alike", () => {
    const first = meshOf(mesh("v1"));
    const before = namespaces.map((namespace) => view(first, namespace).scope);
    const second = meshOf(mesh("v2"), first);
    for (const [i, old] of before.entries()) {
      const scope = view(second, namespaces[i]).scope;
      const changed = scope.services.filter((visible, at) => visible !== old.services[at]);
      expect(changed.map(({ service }) => service.hostname)).toEqual(["a.com"]);
      expect(scope.virtualServices).toBe(old.virtualServices);
      expect(changed[0]?.service).toBe(old.byHostname.get("a.com")?.service);
    }
  });

  it("of what a namespace accepts changes its services and no others", () => {
    const first = meshOf(mesh("v1"));
    const second = meshOf(mesh("v1") + yaml("PeerAuthentication", "n", "x", "mtls: { mode: STRICT }"), first);
    const changed = view(second).scope.services.filter((visible, i) => visible !== view(first).scope.services[i]);
    expect(changed.map(({ service }) => service.namespace)).toEqual(["x"]);
  });

  it("of the trust domain changes identities", () => {
    const config =
      "apiVersion: mesh.istio.io/v1alpha1\nkind: MeshConfig\nmetadata: { name: m, namespace: istio-system }\nspec: { trustDomain: td }\n---\n";
    const second = meshOf(config + others, meshOf(others));
    expect(view(second).scope.services[0]?.serviceAccounts).toEqual(["spiffe://td/ns/default/sa/web"]);
  });
});

/** Many small meshes: any of these documents may be there, in any of its versions. */
const choices: readonly (readonly string[])[] = [
  [
    "",
    ...["STATIC", "DNS"].flatMap((r) => [
      entryYaml("a", "x", "a.com", ["10.0.0.1"]).replace("STATIC", r),
      entryYaml("a", "x", "a.com", ["10.0.0.1", "10.0.0.2"]).replace("STATIC", r),
    ]),
  ],
  ["", entryYaml("b", "x", "a.com", ["10.0.0.3"]), entryYaml("b", "default", "a.com", [], '  exportTo: ["."]\n')],
  ["", serviceYaml("web"), serviceYaml("web").replace("8080", "web"), serviceYaml("web").replace("10.96.0.1", "None")],
  [
    "",
    podYaml("web-a", "web", "10.1.0.1"),
    podYaml("web-a", "web", "10.1.0.1", ', annotations: { sidecar.istio.io/inject: "true" }'),
    podYaml("web-a", "api", "10.1.0.1"),
  ],
  ["", podYaml("web-b", "web", "10.1.0.2")],
  [
    "",
    rule,
    rule.replace("hosts: [a.com]", 'hosts: [a.com]\n  exportTo: ["."]'),
    rule.replace("http: [{", "http: [{ match: [{ sourceLabels: { app: web } }],"),
  ],
  [
    "",
    policy,
    policy.replace("v1", "v2"),
    policy.replace("a.com", '"*.com"'),
    policy.replace("namespace: x", "namespace: istio-system"),
  ],
  [
    "",
    yaml("PeerAuthentication", "n", "default", "mtls: { mode: STRICT }"),
    yaml("PeerAuthentication", "n", "default", "selector: { matchLabels: { app: web } }\nmtls: { mode: DISABLE }"),
  ],
  [
    "",
    yaml("Sidecar", "s", "default", 'egress: [{ hosts: ["./*"] }]'),
    yaml("Sidecar", "s", "default", 'egress: [{ hosts: ["x/*"] }]'),
  ],
  [
    "",
    "apiVersion: mesh.istio.io/v1alpha1\nkind: MeshConfig\nmetadata: { name: m, namespace: istio-system }\nspec: { enableAutoMtls: false, rootNamespace: x }\n---\n",
  ],
];
const parsed = choices.map((versions) => versions.map((text) => objectsOf(text)));
const proxies = ["default", "x", "istio-system"].flatMap((namespace) =>
  [{}, { app: "web" }].map((labels) => sidecar({ namespace, labels, addresses: ["10.1.0.1"] })),
);

/** Also one that was patched from another one. */
const isMap = (value: object): value is ReadonlyMap<unknown, unknown> =>
  Object.prototype.toString.call(value) === "[object Map]";

/** All that views tell, as plain data; of the objects they came from only the names, as a part may keep an older version. */
function told(mesh: Snapshot): unknown {
  const views = proxies.map((proxy) => {
    const { scope, inbound, endpoints: of } = viewFor(mesh, proxy);
    return { scope, inbound, endpoints: scope.services.map((visible) => of(visible)) };
  });
  return plain({ ...mesh, views });
}

function plain(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(plain);
  if (isMap(value)) return [...value.values()].map(plain);
  if ("origin" in value) return objectKey(value as MeshObject);
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, plain(field)]));
}

describe("a change of age", () => {
  it("of an object that is made anew gives its host to the one that is older now", () => {
    const aged = (namespace: string, year: number) =>
      entryYaml("a", namespace, "a.com", []).replace(
        "metadata: {",
        `metadata: { creationTimestamp: "${year}-01-01T00:00:00Z",`,
      );
    const owners = (mesh: Snapshot) => indexOf(mesh).registry.services.map((service) => service.namespace);
    const first = meshOf(aged("x", 2020) + aged("y", 2021));
    expect(owners(first)).toEqual(["x", "y"]);
    expect(owners(meshOf(aged("x", 2022) + aged("y", 2021), first))).toEqual(["y", "x"]);
  });
});

describe("any sequence of changes", () => {
  const mesh = fc.tuple(...parsed.map((versions) => fc.constantFrom(...versions)));

  it("ends where a fresh start with the same objects in another order ends", () => {
    const runs = fc.array(mesh, { minLength: 2, maxLength: 6 });
    fc.assert(
      fc.property(runs, fc.infiniteStream(fc.nat()), (meshes, random) => {
        let snapshot: Snapshot | undefined;
        let last: readonly MeshObject[] = [];
        for (const documents of meshes) {
          last = documents.flat();
          snapshot = buildSnapshot(last, snapshot).snapshot;
          told(snapshot); // views are asked for in between, too
        }
        if (!snapshot) throw new Error("no snapshot");
        const shuffled = last
          .map((object) => [random.next().value as number, object] as const)
          .sort(([a], [b]) => a - b);
        const fresh = buildSnapshot(shuffled.map(([, object]) => object));
        expect(told(snapshot)).toEqual(told(fresh.snapshot));
        expect(buildSnapshot(last, snapshot).problems).toEqual(fresh.problems);
      }),
      { numRuns: 60 },
    );
  });

  it("of one service at a time, whatever is patched for it, ends where a fresh start ends", () => {
    const edits = fc.array(fc.tuple(fc.nat(entries.length - 1), fc.nat(23)), { maxLength: 8 });
    fc.assert(
      fc.property(edits, (steps) => {
        const now = entries.map((versions) => versions[0] ?? []);
        let snapshot: Snapshot | undefined;
        for (const [which, version] of [[0, 0] as const, ...steps]) {
          const versions = [...(entries[which] ?? []), []];
          now[which] = versions[version % versions.length] ?? [];
          const objects = [...now.flat(), ...objectsOf(others)];
          const next = buildSnapshot(objects, snapshot);
          const fresh = buildSnapshot(objects);
          expect(told(next.snapshot)).toEqual(told(fresh.snapshot));
          expect(next.problems).toEqual(fresh.problems);
          snapshot = next.snapshot;
        }
      }),
    );
  });
});

/** ServiceEntries for two hosts in two namespaces, two of them for one: with other endpoints, of another age, of another protocol, seen by others. */
const serviceEntries = [
  ["a", "x", "a.com"],
  ["b", "x", "a.com"],
  ["a", "default", "a.com"],
  ["c", "default", "c.com"],
].map(([name = "", namespace = "", host = ""], i) =>
  [`10.0.${i}.1`, `10.0.${i}.1 }, { address: 10.1.0.1`, "10.1.0.1"].flatMap((address) =>
    [2020, 2030].flatMap((year) =>
      ["HTTP", "TCP"].flatMap((protocol) =>
        ["", '  exportTo: ["."]\n'].map((more) =>
          objectsOf(
            entryYaml(name, namespace, host, [address], more)
              .replace("protocol: HTTP", `protocol: ${protocol}`)
              .replace("metadata: {", `metadata: { creationTimestamp: "${year + i}-01-01T00:00:00Z",`),
          ),
        ),
      ),
    ),
  ),
);

/** A VirtualService that delegates, or not, its delegate in two versions, or with hosts of its own, and one that stands alone. */
const virtualServices = [
  ["hosts: [c.com]\nhttp: [{ delegate: { name: d } }]", "hosts: [c.com]\nhttp: [{ timeout: 1s }]"],
  ["http: [{ timeout: 2s }]", "http: [{ timeout: 3s }]", "hosts: [a.com]\nhttp: [{ timeout: 4s }]"],
  [
    "hosts: [b.com]\nhttp: [{ timeout: 5s }]",
    "hosts: [b.com]\nhttp: [{ timeout: 6s }]",
    "hosts: [b.com, a.com]\nhttp: [{ timeout: 6s }]",
  ],
].map((specs, i) =>
  specs.map((spec) =>
    objectsOf(
      yaml(
        "VirtualService",
        "rdo"[i] ?? "",
        "default",
        spec.replace("timeout", "route: [{ destination: { host: a.com } }], timeout"),
      ),
    ),
  ),
);

const entries = [...serviceEntries, ...virtualServices];
