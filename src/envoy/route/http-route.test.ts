import { reviews, routesUnder, ruleTo } from "./test-support.ts";

const { hostname: host } = reviews;
const cluster = (subset = "") => `outbound|80|${subset}|${host}`;

describe("where a rule sends", () => {
  it("is a single destination, whatever its weight", () => {
    for (const weight of [undefined, 0, 100]) {
      const [route] = routesUnder({ route: [{ destination: { host }, ...(weight !== undefined && { weight }) }] });
      expect(route).toMatchObject({ route: { cluster: cluster() } });
    }
  });

  it("is several by weight, without those that get nothing", () => {
    const to = (subset: string, weight?: number) => ({ destination: { host, subset }, ...(weight && { weight }) });
    const [route] = routesUnder({ route: [to("a", 95), to("b", 5), to("c")] });
    expect(route).toMatchObject({
      route: {
        weightedClusters: {
          clusters: [
            { name: cluster("a"), weight: 95 },
            { name: cluster("b"), weight: 5 },
          ],
        },
      },
    });
  });

  it("keeps the shares of weights whose sum Envoy cannot hold", () => {
    const weight = 2 ** 31 - 1;
    const route = ["a", "b", "c", "d"].map((subset) => ({ destination: { host, subset }, weight }));
    const [built] = routesUnder({ route }) as [{ route: { weightedClusters: { clusters: { weight: number }[] } } }];
    const weights = built.route.weightedClusters.clusters.map((one) => one.weight);
    expect(new Set(weights).size).toBe(1);
    expect(weights.reduce((a, b) => a + b)).toBeLessThanOrEqual(2 ** 32 - 1);
  });

  it.each([
    ["no destination", {}],
    [
      "weights of 0 only",
      {
        route: [
          { destination: { host }, weight: 0 },
          { destination: { host, subset: "a" }, weight: 0 },
        ],
      },
    ],
    ["a delegate that is not there", { delegate: { name: "gone" } }],
  ])("is nowhere with %s: its requests fail, others do not", (_, rule) => {
    const routes = routesUnder({ ...rule, match: [{ uri: { prefix: "/a" } }] }, ruleTo(host));
    expect(routes[0]).toMatchObject({ directResponse: { status: 503 } });
    expect(routes[1]).toMatchObject({ route: { cluster: cluster() } });
  });

  it("may be a cluster that is not there", () => {
    expect(routesUnder(ruleTo("gone.default.svc.cluster.local"))[0]).toMatchObject({
      route: { cluster: "outbound|80||gone.default.svc.cluster.local" },
    });
  });
});

describe("the authority that the server sees", () => {
  const set = (value: string) => ({ request: { set: { Host: value } } });

  it("is the rewrite's before the rule's before the destination's", () => {
    const one = (rule: object) => routesUnder({ ...ruleTo(host), ...rule })[0];
    const route = [{ destination: { host }, headers: set("c") }];
    expect(one({ rewrite: { authority: "a" }, headers: set("b"), route })).toMatchObject({
      route: { hostRewriteLiteral: "a" },
    });
    expect(one({ headers: set("b"), route })).toMatchObject({ route: { hostRewriteLiteral: "b" } });
    expect(one({ route })).toMatchObject({ route: { hostRewriteLiteral: "c" } });
  });

  it("is never touched as a header, which Envoy refuses", () => {
    const [route] = routesUnder({
      ...ruleTo(host),
      headers: { request: { set: { host: "a" }, remove: [":path", "Host"] } },
    });
    expect(route).not.toHaveProperty("requestHeadersToAdd");
    expect(route).not.toHaveProperty("requestHeadersToRemove");
  });
});

describe("mirrors", () => {
  const mirrors = (rule: object) => {
    const [route] = routesUnder({ ...ruleTo(host), ...rule }) as [{ route: { requestMirrorPolicies?: unknown[] } }];
    return route.route.requestMirrorPolicies ?? [];
  };
  const percent = (numerator: number) => ({ runtimeFraction: { defaultValue: { numerator, denominator: "MILLION" } } });

  it.each([
    [{}, 1_000_000],
    [{ mirrorPercentage: { value: 0.57 } }, 5700],
    [{ mirrorPercent: 30 }, 300_000],
    [{ mirror_percent: 30 }, 300_000],
  ])("copy what is said, else everything: %j", (share, numerator) => {
    expect(mirrors({ mirror: { host }, ...share })).toEqual([
      { cluster: cluster(), ...percent(numerator), traceSampled: false },
    ]);
  });

  it.each([{ mirrorPercentage: { value: 0 } }, { mirrorPercentage: {} }, { mirrorPercent: 0 }])(
    "copy nothing: %j",
    (share) => {
      expect(mirrors({ mirror: { host }, ...share })).toEqual([]);
    },
  );
});
