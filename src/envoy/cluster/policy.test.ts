import { policyFor, policyProvenance } from "./policy.ts";
import { ruleOf } from "./test-support.ts";

const pool = (maxConnections: number) => ({ tcp: { maxConnections } });

const rule = ruleOf({
  trafficPolicy: {
    connectionPool: pool(1),
    outlierDetection: { consecutive5xxErrors: 1 },
    portLevelSettings: [{ port: { number: 90 }, connectionPool: pool(2) }],
  },
  subsets: [
    { name: "plain" },
    { name: "own", trafficPolicy: { connectionPool: pool(3) } },
    { name: "ported", trafficPolicy: { portLevelSettings: [{ port: { number: 80 }, connectionPool: pool(4) }] } },
  ],
});
const [plain, own, ported] = rule.subsets;

it("lets a port's settings stand alone", () => {
  expect(policyFor(rule, 80)).toMatchObject({ connectionPool: pool(1), outlierDetection: { consecutive5xxErrors: 1 } });
  expect(policyFor(rule, 90).connectionPool).toEqual(pool(2));
  expect(policyFor(rule, 90).outlierDetection).toBeUndefined();
});

it("lets a subset override field by field, and its port settings wholesale", () => {
  expect(policyFor(rule, 80, plain)).toEqual(policyFor(rule, 80));
  expect(policyFor(rule, 80, own)).toMatchObject({ connectionPool: pool(3), outlierDetection: {} });
  expect(policyFor(rule, 80, ported).connectionPool).toEqual(pool(4));
  expect(policyFor(rule, 80, ported).outlierDetection).toBeUndefined();
  expect(policyFor(rule, 70, ported).connectionPool).toEqual(pool(1));
});

it("leaves the rule's what no port can say", () => {
  const { trafficPolicy, subsets } = rule;
  const proxied = {
    ...rule,
    trafficPolicy: { ...trafficPolicy, proxyProtocol: {}, retryBudget: { percent: 7 } },
    subsets,
  };
  expect(policyFor(proxied, 80, ported)).toEqual({
    ...policyFor(rule, 80, ported),
    proxyProtocol: {},
    retryBudget: { percent: 7 },
  });
  expect(policyFor(proxied, 90).retryBudget).toBeUndefined();
});

it("blames the field that made the cluster first", () => {
  const fields = (...asked: [number, typeof own?]) =>
    policyProvenance(rule, ...asked).map(({ field }) => field.join("."));
  expect(fields(80)).toEqual(["spec.trafficPolicy"]);
  expect(fields(90)).toEqual(["spec.trafficPolicy.portLevelSettings.0"]);
  expect(fields(80, plain)).toEqual(["spec.subsets.0", "spec.trafficPolicy"]);
  expect(fields(80, own)).toEqual(["spec.subsets.1.trafficPolicy", "spec.trafficPolicy"]);
  expect(fields(80, ported)).toEqual(["spec.subsets.2.trafficPolicy.portLevelSettings.0", "spec.trafficPolicy"]);
});
