import fc from "fast-check";
import { DomainClaims, domainsFor } from "./domains.ts";
import { configurationOf, reviews, ruleTo, scopeOf, serviceNamed, virtualServiceOf } from "./test-support.ts";

const here = scopeOf([]);
const elsewhere = scopeOf([], [], { namespace: "other" });

describe("domainsFor", () => {
  it("knows the short names of the caller's own namespace", () => {
    expect(domainsFor(reviews, here)).toEqual([
      "reviews.default.svc.cluster.local",
      "reviews.default.svc.cluster.local.",
      "reviews",
      "reviews.default",
      "reviews.default.svc",
      "10.0.0.1",
    ]);
  });

  it("does not take a bare name for a service of another namespace", () => {
    expect(domainsFor(reviews, elsewhere)).not.toContain("reviews");
    expect(domainsFor(reviews, elsewhere)).toContain("reviews.default");
  });

  it("answers for the pods of a headless service", () => {
    expect(domainsFor(serviceNamed("db", { headless: true, resolution: "NONE" }), here)).toContain("*.db.default");
  });

  it("gives other hosts no short forms", () => {
    const external = serviceNamed("shop", { registry: "External", hostname: "shop.default.example.com" });
    expect(domainsFor(external, here)).toEqual(["shop.default.example.com", "shop.default.example.com."]);
    expect(domainsFor(external, elsewhere)).toBe(domainsFor(external, here));
  });

  it("writes addresses as `Host` has them, and no ranges", () => {
    const addresses = ["10.0.0.0/8", "10.9.9.9/32", "2001:db8::1", "0.0.0.0"];
    const { hostname } = reviews;
    const domains = domainsFor({ ...reviews, addresses }, here);
    expect(domains.filter((domain) => !domain.startsWith("reviews"))).toEqual(["10.9.9.9", "[2001:db8::1]"]);
    expect(domains[0]).toBe(hostname);
  });

  it("never yields a bare wildcard", () => {
    expect(domainsFor(serviceNamed("*"), here)).toEqual(["*.default.svc.cluster.local"]);
  });
});

describe("DomainClaims", () => {
  it("gives a domain to who asks first, in whatever case, and `*` to nobody", () => {
    const claims = new DomainClaims();
    expect(claims.claim(["a", "b"])).toEqual(["a", "b"]);
    expect(claims.claim(["B", "c", "*"])).toEqual(["c"]);
  });

  it("gives the same list for the same outcome", () => {
    const wanted = Object.freeze(["a", "b", "c"]);
    const outcome = () => {
      const claims = new DomainClaims();
      claims.claim(["b"]);
      return claims.claim(wanted);
    };
    expect(outcome()).toEqual(["a", "c"]);
    expect(outcome()).toBe(outcome());
  });
});

describe("the virtual hosts of a port", () => {
  const name = fc.constantFrom("a", "b", "a.b", "b.a", "a.svc", "a.default", "default");
  const host = fc.oneof(
    fc
      .tuple(name, fc.constantFrom("default", "other", "b"))
      .map(([service, ns]) => `${service}.${ns}.svc.cluster.local`),
    name,
    name.map((suffix) => `*.${suffix}`),
    fc.constantFrom("*", "10.0.0.1", "A", "2001:db8::1"),
  );
  const service = fc.record({
    hostname: host.filter((hostname) => hostname !== "*"),
    headless: fc.boolean(),
    addresses: fc.subarray(["10.0.0.1", "10.0.0.2", "2001:db8::1"]),
  });
  const services = fc.uniqueArray(service, { selector: ({ hostname }) => hostname, maxLength: 8 });

  it("never have a domain twice: Envoy would refuse them all", () => {
    fc.assert(
      fc.property(
        services,
        fc.array(fc.array(host, { minLength: 1, maxLength: 3 }), { maxLength: 4 }),
        (made, rules) => {
          const scope = scopeOf(
            [
              reviews,
              ...made.map((over) => ({ ...reviews, ...over })).filter(({ hostname }) => hostname !== reviews.hostname),
            ],
            rules.map((hosts) => virtualServiceOf(hosts, ruleTo(reviews.hostname))),
          );
          const hosts = configurationOf(scope, "80").virtualHosts;
          const domains = hosts.flatMap((one) => one.domains.map((domain) => domain.toLowerCase()));
          expect(domains).toHaveLength(new Set(domains).size);
          expect(new Set(hosts.map((one) => one.name)).size).toBe(hosts.length);
          expect(hosts.at(-1)?.domains).toEqual(["*"]);
        },
      ),
    );
  });

  it("leave a name to the service that is really called so", () => {
    const named = serviceNamed("x", { registry: "External", hostname: "reviews.default" });
    const hosts = configurationOf(scopeOf([reviews, named]), "80").virtualHosts;
    expect(hosts.find(({ domains }) => domains.includes("reviews.default"))?.name).toBe("reviews.default:80");
  });
});
