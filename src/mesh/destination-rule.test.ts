import { entryYaml, meshOf, sidecar, viewOf, yaml } from "./testing.ts";
import type { AppliedDestinationRule, Proxy } from "./types.ts";
import { viewFor } from "./view.ts";

const host = "api.shop.svc.cluster.local";
const service = entryYaml("api", "shop", host, ["10.1.0.1"]);

/** A rule that can be told apart by its maxConnections. */
const rule = (name: string, namespace: string, mark: number, target = host, more = "") =>
  yaml(
    "DestinationRule",
    name,
    namespace,
    `host: "${target}"\ntrafficPolicy: { connectionPool: { tcp: { maxConnections: ${mark} } } }\n${more}`,
  );

function applied(text: string, own: Partial<Proxy> = {}): AppliedDestinationRule | undefined {
  return viewOf(service + text, own).scope.byHostname.get(host)?.rule;
}

const mark = (text: string, own?: Partial<Proxy>) =>
  applied(text, own)?.trafficPolicy?.connectionPool?.tcp?.maxConnections;

describe("which DestinationRule applies", () => {
  const ofClient = rule("a", "default", 1);
  const ofService = rule("b", "shop", 2);
  const ofRoot = rule("c", "istio-system", 3);

  it("is the client's, else the service's, else the root namespace's", () => {
    expect(mark(ofClient + ofService + ofRoot)).toBe(1);
    expect(mark(ofService + ofRoot)).toBe(2);
    expect(mark(ofRoot)).toBe(3);
    expect(mark("")).toBeUndefined();
  });

  it("is not another namespace's", () => {
    expect(mark(rule("a", "elsewhere", 1))).toBeUndefined();
  });

  it("is one that is exported to the client", () => {
    expect(mark(rule("b", "shop", 2, host, 'exportTo: ["."]') + ofRoot)).toBe(3);
    expect(mark(rule("b", "shop", 2, host, "exportTo: [default]") + ofRoot)).toBe(2);
    expect(mark(rule("b", "shop", 2, host, 'exportTo: ["."]'), { namespace: "shop" })).toBe(2);
    expect(mark(rule("b", "shop", 2, host, "exportTo: [default]") + ofRoot, { namespace: "shop" })).toBe(3); // nor to its own
  });

  it("is, for a client in the root namespace, the service's before the one meant for all", () => {
    const root = { namespace: "istio-system" };
    expect(mark(ofService + ofRoot, root)).toBe(2);
    expect(mark(ofService + rule("c", "istio-system", 3, host, 'exportTo: ["."]'), root)).toBe(3);
  });

  it("is the most specific host's", () => {
    const mesh =
      rule("all", "istio-system", 1, "*.local") + rule("shop", "istio-system", 2, "*.shop.svc.cluster.local");
    expect(mark(mesh)).toBe(2);
    expect(mark(mesh + rule("exact", "istio-system", 3))).toBe(3);
    expect(mark(rule("everything", "istio-system", 4, "*"))).toBe(4);
    expect(mark(rule("other", "istio-system", 5, "*.example.com"))).toBeUndefined();
  });

  it("is found by a short name of its namespace", () => {
    expect(mark(rule("b", "shop", 2, "api"))).toBe(2);
    expect(mark(rule("b", "default", 2, "api"))).toBeUndefined();
  });

  it("is one that selects the client, before the one for all of its namespace", () => {
    const selecting = rule("z", "default", 9, host, "workloadSelector: { matchLabels: { app: web } }");
    expect(mark(ofClient + selecting, { labels: { app: "web" } })).toBe(9);
    expect(mark(ofClient + selecting, { labels: { app: "other" } })).toBe(1);
    expect(mark(selecting + ofService)).toBe(2);
  });
});

describe("DestinationRules for one host", () => {
  const subset = (name: string, version: string) => `subsets: [{ name: ${name}, labels: { version: "${version}" } }]`;

  it("merge: subsets add up, and the first of a name and the first policy win", () => {
    const found = applied(
      rule("a", "shop", 1, host, subset("v1", "1")) +
        rule("b", "shop", 2, host, subset("v1", "9")) +
        rule("c", "shop", 3, host, subset("v2", "2")),
    );
    expect(found?.subsets).toEqual([
      { name: "v1", labels: { version: "1" } },
      { name: "v2", labels: { version: "2" } },
    ]);
    expect(found?.trafficPolicy?.connectionPool?.tcp?.maxConnections).toBe(1);
    expect(found?.objects.map((object) => object.metadata.name)).toEqual(["a", "b", "c"]);
  });

  it("do not merge when they are exported differently", () => {
    const found = applied(
      rule("a", "shop", 1, host, subset("v1", "1")) +
        rule("b", "shop", 2, host, `exportTo: ["."]\n${subset("v2", "2")}`),
    );
    expect(found?.subsets.map(({ name }) => name)).toEqual(["v1"]);
  });

  it("are the oldest first", () => {
    const created = (text: string, time: string) => text.replace(" }", `, creationTimestamp: "${time}" }`);
    const found = mark(
      created(rule("a", "shop", 1), "2025-02-02T00:00:00Z") + created(rule("b", "shop", 2), "2024-02-02T00:00:00Z"),
    );
    expect(found).toBe(2);
  });
});

describe("an applied rule", () => {
  const subsets = "subsets: [{ name: v1, labels: { version: '1' } }]";

  it("is the same object for all who see it, and while it says the same", () => {
    const first = meshOf(service + rule("b", "shop", 2, host, subsets));
    const seen = viewFor(first, sidecar()).scope.byHostname.get(host);
    expect(viewFor(first, sidecar({ namespace: "other" })).scope.byHostname.get(host)).toBe(seen);
    const labelled = rule("b", "shop", 2, host, subsets).replace(" }", ", labels: { team: a } }");
    const second = meshOf(service + labelled, first);
    expect(second).not.toBe(first);
    expect(viewFor(second, sidecar()).scope.byHostname.get(host)).toBe(seen);
  });

  it("is another one under another name, which its clusters bear", () => {
    const first = meshOf(service + rule("b", "shop", 2, host, subsets));
    const renamed = meshOf(service + rule("c", "shop", 2, host, subsets), first);
    const found = viewFor(renamed, sidecar()).scope.byHostname.get(host);
    expect(found?.rule?.objects.map(({ metadata }) => metadata.name)).toEqual(["c"]);
  });
});
