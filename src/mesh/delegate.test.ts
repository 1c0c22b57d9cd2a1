import { viewOf, yaml } from "./testing.ts";

const rule = (name: string, namespace: string, spec: string) => yaml("VirtualService", name, namespace, spec);
const root = (http: string) => rule("root", "default", `hosts: [api]\nhttp:\n${http}`);
const delegate = (http: string, more = "") => rule("shop", "shop", `${more}http:\n${http}`);
const toShop = "delegate: { name: shop, namespace: shop }";
const http = (text: string) => viewOf(text).scope.virtualServices[0]?.http.map((scoped) => scoped) ?? [];

describe("a rule that delegates", () => {
  it("becomes the delegate's rules, with the delegate's own names and under its own index", () => {
    const found = http(
      root(
        `- name: first\n  match: [{ uri: { prefix: /shop } }]\n  timeout: 1s\n  ${toShop}\n- route: [{ destination: { host: api } }]`,
      ) +
        delegate(
          "- name: cart\n  match: [{ uri: { prefix: /shop/cart } }]\n  route: [{ destination: { host: cart } }]\n- timeout: 2s\n  route: [{ destination: { host: shop } }]",
        ),
    );
    expect(found).toEqual([
      {
        index: 0,
        rule: {
          name: "first-cart",
          timeout: "1s",
          match: [{ uri: { prefix: "/shop/cart" } }],
          route: [{ destination: { host: "cart.shop.svc.cluster.local" } }],
        },
      },
      {
        index: 0,
        rule: {
          name: "first",
          timeout: "2s",
          match: [{ uri: { prefix: "/shop" } }],
          route: [{ destination: { host: "shop.shop.svc.cluster.local" } }],
        },
      },
      { index: 1, rule: { route: [{ destination: { host: "api.default.svc.cluster.local" } }] } },
    ]);
  });

  it.each([
    ["{ uri: { prefix: /shop } }", "{ uri: { prefix: /other } }", false],
    ["{ uri: { prefix: /shop } }", "{ uri: { exact: /shop/a } }", true],
    ["{ uri: { exact: /shop } }", "{ uri: { prefix: /shop } }", false],
    ["{ headers: { a: { exact: b } } }", "{ headers: { a: { exact: c } } }", false],
    ["{ headers: { a: { exact: b } } }", "{ headers: { c: { exact: d } } }", true],
    ["{ port: 80 }", "{ port: 81 }", false],
    ["{ uri: { prefix: /A }, ignoreUriCase: true }", "{ uri: { prefix: /A } }", false],
  ])("keeps, of root match %s, a delegate's match %s only when it is within: %s", (outer, inner, kept) => {
    const found = http(
      root(`- match: [${outer}]\n  ${toShop}`) +
        delegate(`- match: [${inner}]\n  route: [{ destination: { host: shop } }]`),
    );
    expect(found).toHaveLength(kept ? 1 : 0);
  });

  it("is dropped when the delegate is not there, has hosts, or is not for its namespace", () => {
    const text = root(`- ${toShop}\n- route: [{ destination: { host: api } }]`);
    const route = "- route: [{ destination: { host: shop } }]";
    const indexes = (more: string) => http(text + more).map(({ index }) => index);
    expect(indexes("")).toEqual([1]);
    expect(indexes(rule("shop", "shop", `hosts: [shop]\nhttp:\n${route}`))).toEqual([1]);
    expect(indexes(delegate(route, 'exportTo: ["."]\n'))).toEqual([1]);
    expect(indexes(delegate(route))).toEqual([0, 1]);
  });

  it("leaves the delegate out of the scope", () => {
    const text = root(`- ${toShop}`) + delegate("- route: [{ destination: { host: shop } }]");
    expect(viewOf(text).scope.virtualServices.map(({ object }) => object.metadata.name)).toEqual(["root"]);
  });
});
