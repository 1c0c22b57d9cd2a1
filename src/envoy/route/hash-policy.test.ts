import { RouteAction_HashPolicy } from "../../../generated/envoy/config/route/v3/route_components.ts";
import { ruleOf } from "../cluster/test-support.ts";
import { buildHashPolicy, mentionsHash } from "./hash-policy.ts";

const by = (httpHeaderName: string) => ({ loadBalancer: { consistentHash: { httpHeaderName } } });
const onPort = (name: string) => ({ portLevelSettings: [{ port: { number: 80 }, ...by(name) }] });
const header = (headerName: string) => [RouteAction_HashPolicy.fromPartial({ header: { headerName } })];

describe("buildHashPolicy", () => {
  const rule = ruleOf({
    trafficPolicy: { ...by("host"), ...onPort("host-port") },
    subsets: [
      { name: "plain" },
      { name: "own", trafficPolicy: by("subset") },
      { name: "port", trafficPolicy: onPort("subset-port") },
    ],
  });

  it("asks the subset before the host, and of each the port first", () => {
    expect(buildHashPolicy(rule, 80)).toEqual(header("host-port"));
    expect(buildHashPolicy(rule, 81)).toEqual(header("host"));
    expect(buildHashPolicy(rule, 81, "plain")).toEqual(header("host"));
    expect(buildHashPolicy(rule, 80, "own")).toEqual(header("subset"));
    expect(buildHashPolicy(rule, 80, "port")).toEqual(header("subset-port"));
    expect(buildHashPolicy(rule, 81, "port")).toEqual(header("host"));
  });

  it("is empty without a rule, or with one that speaks of other things", () => {
    expect(buildHashPolicy(undefined, 80)).toEqual([]);
    expect(buildHashPolicy(ruleOf({ trafficPolicy: { loadBalancer: { simple: "RANDOM" } } }), 80)).toEqual([]);
  });

  it("makes a cookie only where it may live", () => {
    const cookie = (ttl?: string) =>
      buildHashPolicy(
        ruleOf({
          trafficPolicy: {
            loadBalancer: { consistentHash: { httpCookie: { name: "c", ...(ttl !== undefined && { ttl }) } } },
          },
        }),
        80,
      )[0]?.cookie?.ttl;
    expect(cookie()).toBeUndefined();
    expect(cookie("0s")).toEqual({ seconds: 0, nanos: 0 });
    expect(cookie("1h")).toEqual({ seconds: 3600, nanos: 0 });
  });
});

describe("mentionsHash", () => {
  it.each([
    [{ trafficPolicy: by("a") }, true],
    [{ trafficPolicy: onPort("a") }, true],
    [{ subsets: [{ name: "s", trafficPolicy: onPort("a") }] }, true],
    [{ subsets: [{ name: "s" }], trafficPolicy: { outlierDetection: {} } }, false],
  ])("%j: %s", (spec, expected) => {
    expect(mentionsHash(ruleOf(spec))).toBe(expected);
  });
});
