import { strangersOn, virtualServiceFor } from "./applied.ts";
import { configurationOf, reviews, ruleTo, scopeOf, serviceNamed, virtualServiceOf } from "./test-support.ts";

const { hostname } = reviews;
const to = ruleTo(hostname);

describe("virtualServiceFor", () => {
  const wide = virtualServiceOf(["*.local"], to);
  const near = virtualServiceOf(["*.default.svc.cluster.local"], to);
  const exact = virtualServiceOf([hostname], to);

  it("prefers an exact host to a wildcard, and a longer wildcard to a shorter, in whatever order", () => {
    for (const order of [
      [wide, near, exact],
      [exact, near, wide],
    ]) {
      expect(virtualServiceFor(scopeOf([reviews], order), hostname, 80)).toBe(exact);
      const without = order.filter((one) => one !== exact);
      expect(virtualServiceFor(scopeOf([reviews], without), hostname, 80)).toBe(near);
    }
  });

  it("takes the first of equals", () => {
    const second = virtualServiceOf([hostname], to);
    expect(virtualServiceFor(scopeOf([reviews], [exact, second]), hostname, 80)).toBe(exact);
    expect(virtualServiceFor(scopeOf([reviews], [second, exact]), hostname, 80)).toBe(second);
  });

  it("passes over one that says nothing to the port", () => {
    const other = virtualServiceOf([hostname], { ...to, match: [{ port: 9090 }] });
    expect(virtualServiceFor(scopeOf([reviews], [other, exact]), hostname, 80)).toBe(exact);
    expect(virtualServiceFor(scopeOf([reviews], [other]), hostname, 80)).toBeUndefined();
  });
});

describe("strangersOn", () => {
  const both = virtualServiceOf([hostname, "shop.example.com"], to);
  const alone = virtualServiceOf(["*.example.com"], to);
  const scope = scopeOf(
    [serviceNamed("reviews", { ports: [{ name: "http", number: 8080, protocol: "HTTP" }] })],
    [both, alone],
  );

  it("has all of them on port 80", () => {
    expect(strangersOn(scope, 80).map(({ host }) => host)).toEqual([hostname, "shop.example.com", "*.example.com"]);
  });

  it("has on other ports those of VirtualServices that also name a service there", () => {
    expect(strangersOn(scope, 8080).map(({ host }) => host)).toEqual(["shop.example.com"]);
    expect(strangersOn(scope, 9999)).toEqual([]);
  });
});

it("routes a host that only a VirtualService names", () => {
  const scope = scopeOf([reviews], [virtualServiceOf(["api.partner.example"], to)]);
  const host = configurationOf(scope, "80").virtualHosts.find(({ name }) => name === "api.partner.example:80");
  expect(host?.domains).toEqual(["api.partner.example"]);
  expect(host?.routes[0]?.route?.cluster).toBe(`outbound|80||${hostname}`);
});
