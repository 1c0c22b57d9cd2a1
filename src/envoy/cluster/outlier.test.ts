import { clusterUnder } from "./test-support.ts";

it("ejects nobody without a policy", () => {
  expect(clusterUnder(undefined)).not.toHaveProperty("outlierDetection");
  expect(clusterUnder(undefined)).not.toHaveProperty("commonLbConfig");
});

it("enforces each kind of error that has a number, and not the one that has 0", () => {
  const outlierDetection = {
    consecutive5xxErrors: 7,
    consecutiveGatewayErrors: 0,
    interval: "5s",
    baseEjectionTime: "2m",
    maxEjectionPercent: 50,
    minHealthPercent: 30,
  };
  expect(clusterUnder({ outlierDetection })).toMatchObject({
    outlierDetection: {
      consecutive5xx: 7,
      enforcingConsecutive5xx: 100,
      consecutiveGatewayFailure: 0,
      enforcingConsecutiveGatewayFailure: 0,
      enforcingSuccessRate: 0,
      interval: "5s",
      baseEjectionTime: "120s",
      maxEjectionPercent: 50,
    },
    commonLbConfig: { healthyPanicThreshold: { value: 30 } },
  });
});

it("turns panic off unless a share of healthy hosts is asked for", () => {
  expect(clusterUnder({ outlierDetection: {} })).toMatchObject({ commonLbConfig: { healthyPanicThreshold: {} } });
});

it("counts local failures apart when told to", () => {
  const split = { splitExternalLocalOriginErrors: true, consecutiveLocalOriginFailures: 4 };
  expect(clusterUnder({ outlierDetection: split })["outlierDetection"]).toEqual({
    enforcingSuccessRate: 0,
    splitExternalLocalOriginErrors: true,
    consecutiveLocalOriginFailure: 4,
    enforcingConsecutiveLocalOriginFailure: 100,
    enforcingLocalOriginSuccessRate: 0,
  });
  const ignored = clusterUnder({ outlierDetection: { consecutiveLocalOriginFailures: 4 } });
  expect(ignored["outlierDetection"]).toEqual({ enforcingSuccessRate: 0 });
});
