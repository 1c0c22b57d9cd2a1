import { ClusterLoadAssignment } from "../../../generated/envoy/config/endpoint/v3/endpoint.ts";
import type { TrafficPolicy } from "../../model/index.ts";
import { endpointOf, messageOf, nowhere, setOf, settings, viewOf, visibleOf } from "../cluster/test-support.ts";
import { endpointAssignments } from "./index.ts";

type Setting = NonNullable<NonNullable<TrafficPolicy["loadBalancer"]>["localityLbSetting"]>;

interface Case {
  readonly setting?: Setting;
  readonly mesh?: Setting;
  readonly outlier?: boolean;
  readonly labels?: Record<string, string>;
}

const localityOf = (text: string) => {
  const [region = "", zone = "", subzone = ""] = text.split("/");
  return { region, zone, subzone };
};

/** Where a client sends: `address@priority*weight`. Endpoints are addresses with places. */
function sent(
  from: string,
  endpoints: Record<string, string>,
  { setting, mesh, outlier, labels = {} }: Case,
): string[] {
  const visible = visibleOf({
    trafficPolicy: {
      ...(setting && { loadBalancer: { localityLbSetting: setting } }),
      ...(outlier && { outlierDetection: {} }),
    },
  });
  const set = setOf(
    ...Object.entries(endpoints).map(([address, place]) =>
      place.includes("=")
        ? endpointOf(address, { labels: Object.fromEntries(place.split(",").map((pair) => pair.split("="))) })
        : endpointOf(address, { locality: localityOf(place) }),
    ),
  );
  const view = viewOf([visible], {
    endpoints: set,
    proxy: { locality: localityOf(from), labels },
    settings: { ...settings, config: mesh ? { localityLbSetting: mesh } : {} },
  });
  const name = "outbound|80||reviews.default.svc.cluster.local";
  return messageOf(ClusterLoadAssignment, endpointAssignments(view), name).endpoints.flatMap((group) =>
    group.lbEndpoints.map(
      ({ endpoint }) => `${endpoint?.address?.socketAddress?.address}@${group.priority}*${group.loadBalancingWeight}`,
    ),
  );
}

const spread = { "1.1.1.1": "r1/z1/s1", "1.1.1.2": "r1/z1/s2", "1.1.1.3": "r1/z2/s1", "1.1.1.4": "r2/z1/s1" };

describe("failover", () => {
  it("needs outlier detection: without, everything is near", () => {
    expect(sent("r1/z1/s1", spread, { setting: { failover: [{ from: "r1", to: "r2" }] } })).toEqual([
      "1.1.1.1@0*1",
      "1.1.1.2@0*1",
      "1.1.1.3@0*1",
      "1.1.1.4@0*1",
    ]);
  });

  it("is on with outlier detection, unless switched off", () => {
    const near = ["1.1.1.1@0*1", "1.1.1.2@1*1", "1.1.1.3@2*1", "1.1.1.4@3*1"];
    expect(sent("r1/z1/s1", spread, { outlier: true })).toEqual(near);
    const off = sent("r1/z1/s1", spread, { outlier: true, mesh: { enabled: false } });
    expect(off.every((text) => text.includes("@0"))).toBe(true);
    expect(sent("r1/z1/s1", spread, { outlier: true, mesh: { enabled: false }, setting: {} })).toEqual(near);
    expect(sent("r1/z1/s1", spread, { outlier: true, setting: { enabled: false } })).toEqual(off);
  });

  it("counts priorities from 0 without a gap", () => {
    expect(sent("r3", spread, { outlier: true })).toEqual(["1.1.1.1@0*1", "1.1.1.2@0*1", "1.1.1.3@0*1", "1.1.1.4@0*1"]);
    expect(sent("r1/z9", spread, { outlier: true })).toEqual([
      "1.1.1.1@0*1",
      "1.1.1.2@0*1",
      "1.1.1.3@0*1",
      "1.1.1.4@1*1",
    ]);
  });

  it("prefers the region that is named", () => {
    const regions = { "1.1.1.1": "r1", "1.1.1.2": "r2", "1.1.1.3": "r3" };
    const setting = { failover: [{ from: "r1", to: "r3" }] };
    expect(sent("r1", regions, { outlier: true, setting })).toEqual(["1.1.1.1@0*1", "1.1.1.2@2*1", "1.1.1.3@1*1"]);
  });
});

describe("failoverPriority", () => {
  const endpoints = { "1.1.1.1": "a=1,b=1", "1.1.1.2": "a=1,b=2", "1.1.1.3": "a=2,b=1" };

  it("prefers endpoints that agree in more labels, counted from the first", () => {
    const setting = { failoverPriority: ["a", "b"] };
    expect(sent("", endpoints, { outlier: true, setting, labels: { a: "1", b: "1" } })).toEqual([
      "1.1.1.1@0*1",
      "1.1.1.2@1*1",
      "1.1.1.3@2*1",
    ]);
  });

  it("may name the value itself", () => {
    const setting = { failoverPriority: ["a=2"] };
    expect(sent("", endpoints, { outlier: true, setting, labels: { a: "1" } })).toEqual([
      "1.1.1.3@0*1",
      "1.1.1.1@1*2",
      "1.1.1.2@1*2",
    ]);
  });

  it("goes before regions, which break its ties", () => {
    const setting = { failoverPriority: ["a"], failover: [{ from: "r1", to: "r3" }] };
    const regions = { "1.1.1.1": "a=2", "1.1.1.2": "r1", "1.1.1.3": "r2", "1.1.1.4": "r3" };
    expect(sent("r1", regions, { outlier: true, setting, labels: { a: "2" } })).toEqual([
      "1.1.1.1@0*1", // nowhere, but it has the label
      "1.1.1.2@1*1",
      "1.1.1.3@3*1",
      "1.1.1.4@2*1",
    ]);
  });

  it("knows topology labels from the locality", () => {
    const setting = { failoverPriority: ["topology.kubernetes.io/region", "topology.kubernetes.io/zone"] };
    expect(sent("r1/z1", spread, { outlier: true, setting })).toEqual([
      "1.1.1.1@0*1",
      "1.1.1.2@0*1",
      "1.1.1.3@1*1",
      "1.1.1.4@2*1",
    ]);
  });
});

describe("distribute", () => {
  const setting: Setting = {
    distribute: [
      { from: "r1/z1/*", to: { "r1/z1/*": 70, "r1/z2/*": 30 } },
      { from: "r2", to: { "r2/*": 100, r1: 0 } },
    ],
  };

  it("gives each place its share, split where it is several, and nothing to the rest", () => {
    expect(sent("r1/z1/s9", spread, { setting })).toEqual(["1.1.1.1@0*35", "1.1.1.2@0*35", "1.1.1.3@0*30"]);
    expect(sent("r2", spread, { setting })).toEqual(["1.1.1.4@0*100"]);
  });

  it("rounds up, so that no endpoint is left out", () => {
    const thirds = { "1.1.1.1": "r1/a", "1.1.1.2": "r1/b", "1.1.1.3": "r1/c" };
    expect(sent("r1", thirds, { setting: { distribute: [{ from: "*", to: { r1: 100 } }] } })).toEqual([
      "1.1.1.1@0*34",
      "1.1.1.2@0*34",
      "1.1.1.3@0*34",
    ]);
  });

  it("leaves a client alone that no rule is about", () => {
    expect(sent("r3", spread, { setting })).toHaveLength(4);
  });

  it("goes before failover", () => {
    const both = { ...setting, failover: [{ from: "r1", to: "r2" }] };
    expect(sent("r1/z1", spread, { setting: both, outlier: true })).toEqual(sent("r1/z1", spread, { setting }));
  });
});

describe("sharing", () => {
  const endpoints = setOf(endpointOf("1.1.1.1", { locality: localityOf("r1") }));
  const plain = visibleOf();
  const nearby = visibleOf({ trafficPolicy: { outlierDetection: {} } });
  const mapFor = (visible: typeof plain, region: string, labels = {}) =>
    endpointAssignments(
      viewOf(servicesOf(visible), { endpoints, proxy: { locality: { ...nowhere, region }, labels } }),
    );
  const lists = new Map<object, (typeof plain)[]>();
  function servicesOf(visible: typeof plain) {
    const list = lists.get(visible) ?? [visible];
    lists.set(visible, list);
    return list;
  }

  it("gives one map to all clients unless a rule tells them apart", () => {
    expect(mapFor(plain, "r2", { a: "1" })).toBe(mapFor(plain, "r1"));
    expect(mapFor(nearby, "r2")).not.toBe(mapFor(nearby, "r1"));
    expect(mapFor(nearby, "r1", { a: "1" })).toBe(mapFor(nearby, "r1"));
  });
});
