import { RouteConfiguration } from "../../../generated/envoy/config/route/v3/route.ts";
import { VirtualHost } from "../../../generated/envoy/config/route/v3/route_components.ts";
import { messageOf, settings, visibleOf } from "../cluster/test-support.ts";
import { counters } from "../resource.ts";
import { routeConfigurations } from "./index.ts";
import { configurationOf, reviews, ruleTo, scopeOf, serviceNamed, virtualServiceOf } from "./test-support.ts";

const auto = { name: "any", number: 9000, protocol: "AUTO" } as const;
const ratings = serviceNamed("ratings");
const details = serviceNamed("details", {}, "other");
const shop = serviceNamed("shop", { registry: "External", hostname: "shop.example.com" });

function encodedBy(build: () => void): number {
  const before = counters.encoded;
  build();
  return counters.encoded - before;
}

describe("virtual hosts that travel one by one", () => {
  const detected = serviceNamed("detected", { addresses: ["10.0.0.9"], ports: [auto] });
  const { rds, vhds } = routeConfigurations(scopeOf([reviews, ratings, detected]), { vhds: true });

  it("have the name of their resource, or Envoy would not find them when they go", () => {
    expect([...vhds.keys()].sort()).toEqual([
      "80/allow_any",
      "80/ratings.default.svc.cluster.local",
      "80/reviews.default.svc.cluster.local",
      "detected.default.svc.cluster.local:9000/detected.default.svc.cluster.local",
    ]);
    for (const name of vhds.keys()) expect(messageOf(VirtualHost, vhds, name).name).toBe(name);
  });

  it("leave nothing in the route configuration that could let a request through before they come", () => {
    expect(RouteConfiguration.toJSON(messageOf(RouteConfiguration, rds, "80"))).toEqual({
      name: "80",
      vhds: { configSource: { ads: {}, initialFetchTimeout: "0s", resourceApiVersion: "V3" } },
      validateClusters: false,
      maxDirectResponseBodySizeBytes: 1048576,
      ignorePortInHostMatching: true,
    });
  });

  it("are there for every route configuration: one without would block its listener for ever", () => {
    for (const name of rds.keys()) {
      expect([...vhds.keys()].some((host) => host.startsWith(`${name}/`))).toBe(true);
    }
  });

  it("are the same as those of a whole route configuration, names aside", () => {
    const whole = configurationOf(scopeOf([reviews]), "80");
    expect(whole.virtualHosts.map(({ name }) => name)).toEqual(["reviews.default.svc.cluster.local:80", "allow_any"]);
    const alone = messageOf(VirtualHost, vhds, "80/reviews.default.svc.cluster.local");
    expect(whole.virtualHosts[0]).toEqual({ ...alone, name: "reviews.default.svc.cluster.local:80" });
  });
});

describe("what is not asked for by the name of a port", () => {
  it("is answered by the policy for strangers", () => {
    const strict = { outboundTrafficPolicy: "REGISTRY_ONLY" } as const;
    const { vhds } = routeConfigurations(scopeOf([reviews], [], strict), { vhds: true });
    expect([...vhds.keys()]).toContain("80/block_all");
    const [route] = messageOf(VirtualHost, vhds, "80/block_all").routes;
    expect(route?.directResponse?.status).toBe(502);
  });

  it("is the service's own on a listener of its own", () => {
    const detected = serviceNamed("detected", { addresses: ["10.0.0.9"], ports: [auto] });
    const [host, ...others] = configurationOf(scopeOf([detected]), `${detected.hostname}:9000`).virtualHosts;
    expect(others).toEqual([]);
    expect(host?.domains).toEqual(["*"]);
  });

  it("has routes on the shared port where a detected service has no address to listen on", () => {
    const names = (service: typeof reviews) =>
      [...routeConfigurations(scopeOf([service]), { vhds: false }).rds.keys()].sort();
    expect(names(serviceNamed("dns", { ports: [auto], resolution: "DNS" }))).toEqual(["9000"]);
    expect(names(serviceNamed("pods", { ports: [auto], headless: true, resolution: "NONE" }))).toEqual([
      "pods.default.svc.cluster.local:9000",
    ]);
    expect(names(serviceNamed("tcp", { ports: [{ ...auto, protocol: "TCP" }] }))).toEqual([]);
  });
});

describe("work", () => {
  it("is not done again for the same scope", () => {
    const scope = scopeOf([reviews, ratings]);
    for (const vhds of [true, false]) {
      const first = routeConfigurations(scope, { vhds });
      expect(encodedBy(() => expect(routeConfigurations(scope, { vhds })).toBe(first))).toBe(0);
    }
  });

  it("is one virtual host when one weight changes, whatever else is in the mesh", () => {
    const own = { ...settings };
    const others = Array.from({ length: 50 }, (_, i) => visibleOf(undefined, serviceNamed(`service-${i}`)));
    const split = (weight: number) =>
      virtualServiceOf([reviews.hostname], {
        route: [
          { destination: { host: reviews.hostname, subset: "a" }, weight },
          { destination: { host: reviews.hostname, subset: "b" }, weight: 100 - weight },
        ],
      });
    const at = (weight: number) =>
      scopeOf([visibleOf(undefined, reviews), ...others], [split(weight)], { settings: own });
    const before = routeConfigurations(at(5), { vhds: true });
    expect(encodedBy(() => routeConfigurations(at(10), { vhds: true }))).toBe(1);
    const after = routeConfigurations(at(20), { vhds: true });
    const changed = [...after.vhds].filter(([name, resource]) => before.vhds.get(name) !== resource);
    expect(changed.map(([name]) => name)).toEqual(["80/reviews.default.svc.cluster.local"]);
    expect(after.rds).toBe(before.rds);
  });

  it("is shared by namespaces that say the same names", () => {
    const own = { ...settings };
    const services = [reviews, details, shop].map((service) => visibleOf(undefined, service));
    const from = (namespace: string) =>
      routeConfigurations(scopeOf(services, [], { namespace, settings: own }), { vhds: true });
    const inDefault = from("default");
    expect(encodedBy(() => from("third"))).toBe(1); // reviews, which is no longer near
    expect(encodedBy(() => from("fourth"))).toBe(0);
    expect(from("third").vhds.get("80/shop.example.com")).toBe(inDefault.vhds.get("80/shop.example.com"));
  });

  it("is none when a DestinationRule says nothing that routes heed, and the maps stay the same", () => {
    const own = { ...settings };
    const breaker = (maxConnections: number) =>
      visibleOf({ trafficPolicy: { connectionPool: { tcp: { maxConnections } } } }, reviews);
    const under = (visible: ReturnType<typeof breaker>) =>
      routeConfigurations(scopeOf([visible], [], { settings: own }), { vhds: true });
    const before = under(breaker(1));
    expect(encodedBy(() => expect(under(breaker(2)).vhds).toBe(before.vhds))).toBe(0);
  });

  it("is done when a destination of a rule changes how requests pick a host", () => {
    const own = { ...settings };
    const rules = [virtualServiceOf([reviews.hostname], ruleTo(ratings.hostname))];
    const hashBy = (httpHeaderName: string) =>
      visibleOf({ trafficPolicy: { loadBalancer: { consistentHash: { httpHeaderName } } } }, ratings);
    const visible = visibleOf(undefined, reviews);
    const under = (hash: string) =>
      routeConfigurations(scopeOf([visible, hashBy(hash)], rules, { settings: own }), { vhds: true }).vhds;
    const before = under("x-user").get(`80/${reviews.hostname}`);
    expect(under("x-account").get(`80/${reviews.hostname}`)?.version).not.toBe(before?.version);
  });
});

describe("blame", () => {
  it("goes to the rules first, then to the DestinationRule that routes heed, then to the service", () => {
    const rules = virtualServiceOf(
      [reviews.hostname],
      ruleTo(reviews.hostname, { name: "a" }),
      ruleTo(reviews.hostname),
    );
    const visible = visibleOf({ trafficPolicy: { loadBalancer: { consistentHash: { useSourceIp: true } } } }, reviews);
    const { vhds } = routeConfigurations(scopeOf([visible], [rules]), { vhds: true });
    const provenance = vhds.get(`80/${reviews.hostname}`)?.provenance ?? [];
    expect(provenance.map(({ object, field }) => [object.kind, ...field])).toEqual([
      ["VirtualService", "spec", "http", 0],
      ["VirtualService", "spec", "http", 1],
      ["DestinationRule", "spec"],
      ["ServiceEntry", "spec"],
    ]);
  });
});
