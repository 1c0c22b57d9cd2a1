import { clusterUnder } from "./test-support.ts";

type LoadBalancer = NonNullable<NonNullable<Parameters<typeof clusterUnder>[0]>["loadBalancer"]>;
const under = (loadBalancer: LoadBalancer, rest: object = {}) => clusterUnder({ loadBalancer, ...rest });

it.each([
  ["LEAST_REQUEST", "LEAST_REQUEST"],
  ["LEAST_CONN", "LEAST_REQUEST"],
  ["UNSPECIFIED", "LEAST_REQUEST"],
  ["RANDOM", "RANDOM"],
  ["ROUND_ROBIN", undefined], // Envoy's zero value
] as const)("%s is Envoy's %s", (simple, lbPolicy) => {
  expect(under({ simple })["lbPolicy"]).toBe(lbPolicy);
  expect(clusterUnder(undefined)["lbPolicy"]).toBe("LEAST_REQUEST");
});

it("passes through to where the caller asked", () => {
  const cluster = under({ simple: "PASSTHROUGH" });
  expect(cluster).toMatchObject({ type: "ORIGINAL_DST", lbPolicy: "CLUSTER_PROVIDED" });
  expect(cluster).not.toHaveProperty("edsClusterConfig");
});

it("hashes on a ring of at least 1024, or of the size asked for, or on a Maglev table", () => {
  const hash = (consistentHash: object) => under({ consistentHash: { httpHeaderName: "x-user", ...consistentHash } });
  expect(hash({})).toMatchObject({ lbPolicy: "RING_HASH", ringHashLbConfig: { minimumRingSize: 1024 } });
  expect(hash({ minimumRingSize: 9 })).toMatchObject({ ringHashLbConfig: { minimumRingSize: 9 } });
  expect(hash({ ringHash: { minimumRingSize: 8 } })).toMatchObject({ ringHashLbConfig: { minimumRingSize: 8 } });
  expect(hash({ ringHash: {} })).not.toHaveProperty("ringHashLbConfig");
  expect(hash({ maglev: { tableSize: 5 } })).toMatchObject({ lbPolicy: "MAGLEV", maglevLbConfig: { tableSize: 5 } });
  expect(hash({ maglev: {} })).not.toHaveProperty("maglevLbConfig");
});

it("warms new hosts up, for those algorithms that can", () => {
  const warmup = { duration: "30s", aggression: 2, minimumPercent: 15 };
  const slowStartConfig = { slowStartWindow: "30s", aggression: { defaultValue: 2 }, minWeightPercent: { value: 15 } };
  expect(under({ warmup })).toMatchObject({ leastRequestLbConfig: { slowStartConfig } });
  expect(under({ simple: "ROUND_ROBIN", warmup })).toMatchObject({ roundRobinLbConfig: { slowStartConfig } });
  expect(under({ warmupDurationSecs: "7s" })).toMatchObject({
    leastRequestLbConfig: { slowStartConfig: { slowStartWindow: "7s" } },
  });
  expect(JSON.stringify(under({ simple: "RANDOM", warmup }))).not.toContain("slowStart");
});

it("weighs localities only where the user said how", () => {
  const weighted = (lb: LoadBalancer, rest = {}) =>
    JSON.stringify(under(lb, rest)).includes("localityWeightedLbConfig");
  const outlierDetection = {};
  const failover = [{ from: "a", to: "b" }];
  expect(weighted({ localityLbSetting: { distribute: [{ from: "*", to: { a: 100 } }] } })).toBe(true);
  expect(weighted({ localityLbSetting: { failover } }, { outlierDetection })).toBe(true);
  expect(weighted({ localityLbSetting: { failoverPriority: ["x"] } }, { outlierDetection })).toBe(true);
  expect(weighted({ localityLbSetting: { failover } })).toBe(false); // nothing would notice a failure
  expect(weighted({}, { outlierDetection })).toBe(false);
  expect(weighted({ localityLbSetting: { enabled: false, failover } }, { outlierDetection })).toBe(false);
});
