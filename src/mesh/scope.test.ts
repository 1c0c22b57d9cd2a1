import { entryYaml, meshOf, serviceYaml, sidecar, viewOf, yaml } from "./testing.ts";
import type { Proxy, ScopedVirtualService } from "./types.ts";
import { viewFor } from "./view.ts";

const egress = (name: string, namespace: string, hosts: string, more = "") =>
  yaml("Sidecar", name, namespace, `egress: [{ hosts: [${hosts}] }]\n${more}`);
const hosts = (text: string, own: Partial<Proxy> = {}) =>
  viewOf(text, own).scope.services.map(({ service }) => `${service.namespace}/${service.hostname}`);
const api = (namespace: string, host = "api.com", more = "") => entryYaml("api", namespace, host, ["10.0.0.9"], more);
const named = ({ object: { metadata } }: ScopedVirtualService) => metadata.name;

describe("the services of a scope", () => {
  it("are one for each hostname: the namespace's own, else Kubernetes', else the oldest", () => {
    expect(hosts(api("x") + api("default"))).toEqual(["default/api.com"]);
    expect(hosts(api("x") + api("default"), { namespace: "x" })).toEqual(["x/api.com"]);
    const squatter = entryYaml("a", "a", "web.shop.svc.cluster.local", ["10.6.6.6"]);
    expect(hosts(squatter + serviceYaml("web", "shop"))).toEqual(["shop/web.shop.svc.cluster.local"]);
    const old = api("z").replace(" }", ', creationTimestamp: "2020-01-01T00:00:00Z" }');
    const young = api("b").replace(" }", ', creationTimestamp: "2025-01-01T00:00:00Z" }');
    expect(hosts(young + old)).toEqual(["z/api.com"]);
  });

  it("are those exported to the namespace, and a hidden one hides nothing", () => {
    const hidden = api("x", "api.com", 'exportTo: ["."]\n').replace("exportTo", "  exportTo");
    expect(hosts(hidden)).toEqual([]);
    expect(hosts(hidden + api("y"))).toEqual(["y/api.com"]);
    expect(hosts(hidden, { namespace: "x" })).toEqual(["x/api.com"]);
  });

  it("are sorted by hostname, whatever the order of the input", () => {
    const [a, b, c] = ["c.com", "*.b.com", "a.com"].map((host) => entryYaml(host.replace("*", "w"), "x", host, []));
    expect(hosts(`${a}${b}${c}`)).toEqual(["x/*.b.com", "x/a.com", "x/c.com"]);
    expect(hosts(`${c}${a}${b}`)).toEqual(["x/*.b.com", "x/a.com", "x/c.com"]);
  });
});

describe("a Sidecar", () => {
  const two = api("default", "a.com") + api("x", "b.com") + api("y", "c.com");

  it.each([
    ['"*/*"', ["a.com", "b.com", "c.com"]],
    ['"./*"', ["a.com"]],
    ['"./*", "x/*"', ["a.com", "b.com"]],
    ['"*/b.com"', ["b.com"]],
    ['"x/c.com"', []],
    ['"*/*.com"', ["a.com", "b.com", "c.com"]],
    ['"~/*"', []],
    ['"*/*", "~x/b.com"', ["a.com", "c.com"]],
    ['"*/*", "~*/b.com"', ["a.com", "c.com"]],
  ])("lets its namespace see %s: %j", (written, expected) => {
    const found = hosts(two + egress("default", "default", written));
    expect(found.map((host) => host.split("/")[1])).toEqual(expected);
    expect(hosts(two + egress("default", "default", written), { namespace: "other" })).toHaveLength(3);
  });

  it("is the one that selects, else the namespace's, else the root namespace's", () => {
    const text =
      two +
      egress("selecting", "default", '"x/*"', "workloadSelector: { labels: { app: web } }") +
      egress("own", "default", '"./*"') +
      egress("root", "istio-system", '"y/*"');
    expect(hosts(text, { labels: { app: "web" } })).toEqual(["x/b.com"]);
    expect(hosts(text)).toEqual(["default/a.com"]);
    expect(hosts(text, { namespace: "other" })).toEqual(["y/c.com"]);
    expect(hosts(text, { namespace: "other", type: "router" })).toHaveLength(3);
  });

  it("limits VirtualServices, and lets in the destinations of those it lets in", () => {
    const rule = (name: string, namespace: string, host: string, to: string) =>
      yaml(
        "VirtualService",
        name,
        namespace,
        `hosts: [${host}]\nhttp: [{ route: [{ destination: { host: ${to} } }] }]`,
      );
    const text = two + rule("in", "default", "a.com", "c.com") + rule("out", "x", "b.com", "b.com");
    const { scope } = viewOf(text + egress("default", "default", '"./*"'));
    expect(scope.virtualServices.map(named)).toEqual(["in"]);
    expect(scope.services.map(({ service }) => service.hostname)).toEqual(["a.com", "c.com"]);
  });

  it("says what happens to other traffic", () => {
    const policy = (more: string) => viewOf(egress("default", "default", '"./*"', more)).scope.outboundTrafficPolicy;
    expect(policy("")).toBe("ALLOW_ANY");
    expect(policy("outboundTrafficPolicy: { mode: REGISTRY_ONLY }")).toBe("REGISTRY_ONLY");
    expect(policy("outboundTrafficPolicy: { mode: ALLOW_ANY }")).toBe("ALLOW_ANY");
  });
});

describe("a scope", () => {
  const rule = yaml(
    "VirtualService",
    "a",
    "default",
    "hosts: [api.com]\nhttp: [{ match: [{ sourceLabels: { tier: gold } }], route: [{ destination: { host: api.com } }] }]",
  );

  it("is one object for all proxies of a namespace that differ in labels no rule reads", () => {
    const mesh = meshOf(api("x") + rule);
    const scopeOf = (own: Partial<Proxy>) => viewFor(mesh, sidecar(own)).scope;
    const plain = scopeOf({});
    expect(Object.isFrozen(plain)).toBe(true);
    expect(scopeOf({ labels: { app: "web" }, addresses: ["10.7.7.7"], name: "other" })).toBe(plain);
    expect(scopeOf({ labels: { tier: "gold" } })).not.toBe(plain);
    expect(scopeOf({ labels: { tier: "gold", app: "x" } })).toBe(scopeOf({ labels: { tier: "gold", app: "y" } }));
    expect(scopeOf({ namespace: "x" })).not.toBe(plain);
  });

  it("shares its services with other scopes that see the same of them", () => {
    const own = yaml("DestinationRule", "a", "x", 'host: b.com\nexportTo: ["."]');
    const mesh = meshOf(api("x") + api("y", "b.com") + own);
    const [first, second] = ["default", "x"].map((namespace) => viewFor(mesh, sidecar({ namespace })).scope);
    expect(second?.byHostname.get("api.com")).toBe(first?.byHostname.get("api.com"));
    expect(second?.byHostname.get("b.com")).not.toBe(first?.byHostname.get("b.com"));
  });

  it("is remembered for some snapshots in which nobody asks, then forgotten", () => {
    let mesh = meshOf(api("x"));
    const before = viewFor(mesh, sidecar()).scope;
    const next = (i: number) =>
      meshOf(api("x") + yaml("PeerAuthentication", "p", "q", `mtls: { mode: ${i % 2 ? "STRICT" : "DISABLE"} }`), mesh);
    for (let i = 0; i < 5; i++) mesh = next(i);
    expect(viewFor(mesh, sidecar()).scope.services).toBe(before.services);
    expect(viewFor(mesh, sidecar()).scope).toBe(before);
    for (let i = 0; i < 20; i++) mesh = next(i);
    expect(viewFor(mesh, sidecar()).scope).not.toBe(before);
  });
});
