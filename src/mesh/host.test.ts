import { hostMatches, isSubsetOf, resolveShortName } from "./host.ts";

describe("host names", () => {
  it.each([
    ["reviews", "reviews.prod.svc.cluster.local"],
    ["Reviews", "reviews.prod.svc.cluster.local"],
    ["reviews.other", "reviews.other"], // a name with a dot is an FQDN
    ["*", "*"],
    ["*.example.com", "*.example.com"],
    ["10.0.0.1", "10.0.0.1"],
    ["fd00::1", "fd00::1"],
  ])("resolves %s in the namespace of the rule", (written, expected) => {
    expect(resolveShortName(written, "prod", "cluster.local")).toBe(expected);
  });

  it.each([
    ["*.com", "a.com", true],
    ["a.com", "*.com", true],
    ["*.com", "*.a.com", true],
    ["*.a.com", "*.com", true],
    ["*", "a.com", true],
    ["*.a.com", "a.com", false],
    ["a.com", "b.com", false],
    ["*.a.com", "*.b.com", false],
  ])("matches %s with %s either way: %s", (pattern, host, expected) => {
    expect(hostMatches(pattern, host)).toBe(expected);
  });

  it("takes a wildcard as a subset only of a wider one", () => {
    expect(isSubsetOf("*.a.com", "*.com")).toBe(true);
    expect(isSubsetOf("*.com", "*.a.com")).toBe(false);
    expect(isSubsetOf("*.com", "a.com")).toBe(false);
  });
});
