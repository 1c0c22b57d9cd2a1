import fc from "fast-check";
import { parseSpiffeId, spiffeId } from "./spiffe.ts";

const identity = { trustDomain: "cluster.local", namespace: "shop", serviceAccount: "reviews" };

describe("SPIFFE ids", () => {
  it("writes Istio's form and reads it back", () => {
    expect(spiffeId(identity)).toBe("spiffe://cluster.local/ns/shop/sa/reviews");
    expect(parseSpiffeId("spiffe://cluster.local/ns/shop/sa/reviews")).toEqual(identity);
  });

  it.each([
    ["a NUL", "spiffe://cluster.local/ns/shop/sa/re\0views"],
    ["an escaped slash", "spiffe://cluster.local/ns/shop/sa/a%2fb"],
    ["one segment more", "spiffe://cluster.local/ns/shop/sa/reviews/x"],
    ["one segment less", "spiffe://cluster.local/ns/shop"],
    ["an empty segment", "spiffe://cluster.local/ns//sa/reviews"],
    ["dots that climb", "spiffe://cluster.local/ns/../sa/reviews"],
    ["an upper-case trust domain", "spiffe://Cluster.Local/ns/shop/sa/reviews"],
    ["a port", "spiffe://cluster.local:80/ns/shop/sa/reviews"],
    ["a user", "spiffe://me@cluster.local/ns/shop/sa/reviews"],
    ["a query", "spiffe://cluster.local/ns/shop/sa/reviews?x"],
    ["a fragment", "spiffe://cluster.local/ns/shop/sa/reviews#x"],
    ["a newline at the end", "spiffe://cluster.local/ns/shop/sa/reviews\n"],
    ["a star", "spiffe://cluster.local/ns/shop/sa/*"],
    ["other words", "spiffe://cluster.local/namespace/shop/sa/reviews"],
    ["another scheme", "https://cluster.local/ns/shop/sa/reviews"],
    ["the scheme in capitals", "SPIFFE://cluster.local/ns/shop/sa/reviews"],
    ["an overlong name", `spiffe://cluster.local/ns/shop/sa/${"a".repeat(254)}`],
  ])("does not read %s", (_what, text) => {
    expect(parseSpiffeId(text)).toBeUndefined();
  });

  it("writes nothing that it would not read", () => {
    const text = fc.oneof(fc.string(), fc.stringMatching(/^[a-z0-9.%/_-]{1,20}$/));
    fc.assert(
      fc.property(text, text, text, (trustDomain, namespace, serviceAccount) => {
        const wanted = { trustDomain, namespace, serviceAccount };
        let id: string;
        try {
          id = spiffeId(wanted);
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
          return;
        }
        expect(parseSpiffeId(id)).toEqual(wanted);
      }),
    );
  });
});
