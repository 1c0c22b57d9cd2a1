import { entryYaml, meshOf, sidecar, viewOf, yaml } from "./testing.ts";
import type { Proxy } from "./types.ts";
import { viewFor } from "./view.ts";

const rule = (name: string, namespace: string, spec: string) => yaml("VirtualService", name, namespace, spec);
const names = (text: string, own: Partial<Proxy> = {}) =>
  viewOf(text, own).scope.virtualServices.map(({ object: { metadata } }) => `${metadata.namespace}/${metadata.name}`);
const route = "route: [{ destination: { host: api } }]";
const to = (host: string) => `{ route: [{ destination: { host: ${host} } }] }`;

describe("the VirtualServices of a scope", () => {
  it("come in Istio's order: private, exported by name, public; within each the oldest first, then by name", () => {
    const of = (name: string, namespace: string, more: string, time = "") =>
      rule(name, namespace, `hosts: [api]\nhttp: [${to("api")}]\n${more}`).replace(
        " }",
        time && `, creationTimestamp: "${time}" }`,
      );
    const text =
      of("public-b", "x", "", "2025-01-01T00:00:00Z") +
      of("public-a", "x", "", "2025-01-01T00:00:00Z") +
      of("public-old", "z", "", "2024-01-01T00:00:00Z") +
      of("exported", "x", "exportTo: [default]", "2025-01-01T00:00:00Z") +
      of("private", "default", 'exportTo: ["."]', "2025-01-01T00:00:00Z") +
      of("hidden", "x", 'exportTo: ["."]', "2025-01-01T00:00:00Z");
    expect(names(text)).toEqual(["default/private", "x/exported", "z/public-old", "x/public-a", "x/public-b"]);
  });

  it("name hosts and destinations by FQDN, in their own namespace", () => {
    const spec = `hosts: [Api, api.example.com]\nhttp:\n- ${route}\n  mirror: { host: shadow }\n- ${route}\n  mirrors: [{ destination: { host: other.x } }]\ntcp: [${to("db")}]\ntls: [{ match: [{ sniHosts: [api.example.com] }], ${route} }]`;
    const [scoped] = viewOf(rule("a", "shop", spec)).scope.virtualServices;
    const at = (host: string) => [{ destination: { host } }];
    expect(scoped).toMatchObject({
      hosts: ["api.shop.svc.cluster.local", "api.example.com"],
      http: [
        { rule: { route: at("api.shop.svc.cluster.local"), mirror: { host: "shadow.shop.svc.cluster.local" } } },
        { rule: { mirrors: at("other.x") } },
      ],
      tcp: [{ rule: { route: at("db.shop.svc.cluster.local") } }],
      tls: [{ rule: { route: at("api.shop.svc.cluster.local") } }],
    });
  });

  it("leave a rule that needs no change as the user wrote it", () => {
    const mesh = meshOf(
      rule("a", "shop", "hosts: [a.example.com]\nhttp: [{ route: [{ destination: { host: a.example.com } }] }]"),
    );
    const [scoped] = viewFor(mesh, sidecar()).scope.virtualServices;
    expect(scoped?.http[0]?.rule).toBe(mesh.virtualServices[0]?.spec.http?.[0]);
  });

  it("come by name before namespace, where one name begins another", () => {
    const of = (name: string) => rule(name, "x", `hosts: [api]\nhttp: [${to("api")}]`);
    expect(names(of("a-b") + of("a"))).toEqual(["x/a", "x/a-b"]);
  });

  it("are those for the mesh", () => {
    const of = (name: string, gateways: string) => rule(name, "x", `hosts: [api]\n${gateways}\nhttp: [${to("api")}]`);
    const text = of("a", "") + of("b", "gateways: [edge]") + of("c", "gateways: [edge, mesh]");
    expect(names(text)).toEqual(["x/a", "x/c"]);
  });
});

describe("the rules of a VirtualService", () => {
  const rules = (http: string, own: Partial<Proxy> = {}, more = "") =>
    viewOf(rule("a", "default", `hosts: [api]\n${more}http:\n${http}`), own).scope.virtualServices[0]?.http ?? [];
  const one = (match: string) => `- match: [${match}]\n  ${route}\n`;

  it("are dropped when no match can apply, and keep their index", () => {
    const http = one("{ sourceLabels: { app: web } }") + one("{ sourceNamespace: shop }") + `- ${route}`;
    const indexes = (own: Partial<Proxy>) => rules(http, own).map(({ index }) => index);
    expect(indexes({})).toEqual([2]);
    expect(indexes({ labels: { app: "web" } })).toEqual([0, 2]);
    expect(indexes({ namespace: "shop" })).toEqual([1, 2]);
  });

  it("lose the matches that cannot apply, and what was said of the source", () => {
    const [scoped] = rules(
      one("{ sourceLabels: { app: web }, uri: { prefix: /a } }, { sourceNamespace: x, uri: { prefix: /b } }"),
      {
        labels: { app: "web" },
      },
    );
    expect(scoped?.rule.match).toEqual([{ uri: { prefix: "/a" } }]);
  });

  it("are for the gateways that a match names, whatever the VirtualService does", () => {
    const http =
      one("{ gateways: [edge], uri: { prefix: /a } }, { gateways: [mesh], uri: { prefix: /b } }") +
      one("{ uri: { prefix: /c } }");
    const matches = (more: string) => rules(http, {}, more).map((r) => r.rule.match?.map((m) => m.uri?.prefix));
    expect(matches("gateways: [edge, mesh]\n")).toEqual([["/b"], ["/c"]]);
    expect(matches("")).toEqual([["/b"], ["/c"]]);
  });

  it("of HTTP are for all clients of the gateways that they name: labels and namespace are heeded of bytes only", () => {
    const match = "{ gateways: [mesh], sourceLabels: { app: web }, sourceNamespace: shop }";
    const mesh = (part: string) => viewOf(rule("a", "default", `hosts: [api]\n${part}:\n${one(match)}`)).scope;
    expect(mesh("http").virtualServices[0]?.http).toHaveLength(1);
    expect(mesh("tcp").virtualServices).toEqual([]);
  });

  it("make the VirtualService go when none is left", () => {
    expect(names(rule("a", "default", `hosts: [api]\nhttp:\n${one("{ sourceNamespace: x }")}`))).toEqual([]);
  });

  it("are one object for all clients that they apply to alike", () => {
    const mesh = meshOf(
      rule("a", "default", `hosts: [api]\nhttp:\n${one("{ sourceLabels: { app: web } }")}- ${route}`),
    );
    const scoped = (own: Partial<Proxy>) => viewFor(mesh, sidecar(own)).scope.virtualServices[0];
    expect(scoped({ labels: { app: "web" } })).toBe(scoped({ labels: { app: "web" }, namespace: "x" }));
    expect(scoped({ labels: { app: "web" } })).not.toBe(scoped({ labels: { app: "x" } }));
    expect(scoped({ labels: { app: "x" } })).toBe(scoped({}));
  });

  it("stay the same objects when another rule of theirs changes", () => {
    const spec = (timeout: string) => `hosts: [a.example.com]\nhttp: [${to("api")}, { timeout: ${timeout}, ${route} }]`;
    const first = meshOf(rule("a", "default", spec("1s")));
    const second = meshOf(rule("a", "default", spec("2s")), first);
    const [before, after] = [first, second].map((mesh) => viewFor(mesh, sidecar()).scope.virtualServices[0]);
    expect(after).not.toBe(before);
    expect(after?.http[0]).toBe(before?.http[0]);
    expect(after?.http[1]).not.toBe(before?.http[1]);
  });
});

describe("one weight changed among many services", () => {
  const hosts = Array.from({ length: 30 }, (_, i) => `svc-${i}.mesh.local`);
  const weighted = (host: string, weight: number) =>
    rule(
      host.split(".")[0] ?? "",
      "default",
      `hosts: [${host}]\nhttp: [{ route: [{ destination: { host: ${host}, subset: a }, weight: ${weight} }, { destination: { host: ${host}, subset: b }, weight: ${100 - weight} }] }]`,
    );
  const mesh = (weight: number) =>
    hosts.map((h, i) => entryYaml(`svc-${i}`, "default", h, ["10.0.0.9"]) + weighted(h, i === 7 ? weight : 5)).join("");

  it("makes one ScopedVirtualService anew and no service", () => {
    const first = meshOf(mesh(5));
    const second = meshOf(mesh(6), first);
    for (const namespace of ["default", "other"]) {
      const [before, after] = [first, second].map((snapshot) => viewFor(snapshot, sidecar({ namespace })).scope);
      const changed = after?.virtualServices.filter((scoped, i) => scoped !== before?.virtualServices[i]);
      expect(changed?.map(({ object }) => object.metadata.name)).toEqual(["svc-7"]);
      expect(after?.services).toBe(before?.services);
      expect(after?.byHostname).toBe(before?.byHostname);
    }
  });
});
