import { CorsPolicy } from "../../../generated/envoy/extensions/filters/http/cors/v3/cors.ts";
import { buildCorsPolicy } from "./cors.ts";

const json = (policy: Parameters<typeof buildCorsPolicy>[0]) => CorsPolicy.toJSON(buildCorsPolicy(policy));

describe("buildCorsPolicy", () => {
  it("is always switched on where there is a policy, and lets strangers' preflights through", () => {
    expect(json({})).toEqual({
      filterEnabled: { defaultValue: { numerator: 1_000_000, denominator: "MILLION" } },
      forwardNotMatchingPreflights: true,
    });
  });

  it("keeps strangers' preflights to itself when told to", () => {
    expect(json({ unmatchedPreflights: "IGNORE" })).toMatchObject({ forwardNotMatchingPreflights: false });
  });

  it("joins lists and counts the age in seconds", () => {
    expect(json({ allowMethods: ["GET", "PUT"], allowHeaders: ["a", "b"], maxAge: "1m30s" })).toMatchObject({
      allowMethods: "GET,PUT",
      allowHeaders: "a,b",
      maxAge: "90",
    });
  });

  it("reads the deprecated allowOrigin where there is no allowOrigins", () => {
    expect(json({ allowOrigin: ["https://a"] })).toMatchObject({ allowOriginStringMatch: [{ exact: "https://a" }] });
  });
});
