import { Cluster } from "../../../generated/envoy/config/cluster/v3/cluster.ts";
import { counters } from "../resource.ts";
import { outboundClusters } from "./index.ts";
import {
  clusterUnder,
  endpointOf,
  http,
  jsonOf,
  serviceOf,
  setOf,
  settings,
  viewOf,
  visibleOf,
} from "./test-support.ts";

const reviews = "outbound|80||reviews.default.svc.cluster.local";
const external = (over: Parameters<typeof serviceOf>[0]) => serviceOf({ registry: "External", ...over });

it("names one cluster for each TCP port and each subset, and the two that are always there", () => {
  const ports = [http, { name: "dns", number: 53, protocol: "UDP" } as const];
  const rule = { subsets: [{ name: "v1" }, { name: "v1" }, { name: "v2" }] };
  const map = outboundClusters(viewOf([visibleOf(rule, serviceOf({ ports }))]));
  expect([...map.keys()].sort()).toEqual([
    "BlackHoleCluster",
    "PassthroughCluster",
    "outbound|80|v1|reviews.default.svc.cluster.local",
    "outbound|80|v2|reviews.default.svc.cluster.local",
    reviews,
  ]);
});

it("asks for endpoints over ADS by the cluster's name, and waits for them", () => {
  expect(clusterUnder(undefined)).toMatchObject({
    type: "EDS",
    edsClusterConfig: {
      edsConfig: { ads: {}, resourceApiVersion: "V3", initialFetchTimeout: "0s" },
    },
    connectTimeout: "10s",
  });
  expect(clusterUnder(undefined)["edsClusterConfig"]).not.toHaveProperty("serviceName"); // Envoy takes the cluster's own
});

it("connects within the rule's time, else the mesh's", () => {
  const tcp = { connectTimeout: "300ms" };
  expect(clusterUnder({ connectionPool: { tcp } })["connectTimeout"]).toBe("0.300s");
  expect(clusterUnder(undefined, { settings: { ...settings, connectTimeout: "2s" } })["connectTimeout"]).toBe("2s");
});

it("says which service, subset and rule it is of", () => {
  const view = viewOf([visibleOf({ subsets: [{ name: "v1" }] })]);
  const cluster = jsonOf(Cluster, outboundClusters(view), "outbound|80|v1|reviews.default.svc.cluster.local");
  expect(cluster).toMatchObject({
    metadata: {
      filterMetadata: {
        istio: {
          config: "/apis/networking.istio.io/v1/namespaces/default/destination-rule/reviews-rule",
          services: [{ host: "reviews.default.svc.cluster.local", name: "reviews", namespace: "default" }],
          subset: "v1",
        },
      },
    },
  });
});

it("traces a cluster to the rule first, then to the service", () => {
  const of = (rule: Parameters<typeof visibleOf>[0]) =>
    outboundClusters(viewOf([visibleOf(rule)]))
      .get(reviews)
      ?.provenance.map(({ object, field }) => `${object.kind} ${field.join(".")}`);
  expect(of({ trafficPolicy: {} })).toEqual(["DestinationRule spec.trafficPolicy", "ServiceEntry spec.ports.0"]);
  expect(of(undefined)).toEqual(["ServiceEntry spec.ports.0"]);
});

describe("names that Envoy looks up", () => {
  const endpoints = setOf(endpointOf("a.example.com", { ports: { http: 8443 } }));

  it("are inside the cluster, in the workload's versions of IP", () => {
    const service = external({ resolution: "DNS" });
    const config = { dnsRefreshRate: "5s" };
    expect(clusterUnder(undefined, { endpoints, settings: { ...settings, config } }, service)).toMatchObject({
      clusterType: {
        name: "envoy.cluster.dns",
        typedConfig: { dnsRefreshRate: "5s", respectDnsTtl: true, dnsLookupFamily: "V4_ONLY" },
      },
      loadAssignment: {
        clusterName: reviews,
        endpoints: [
          {
            lbEndpoints: [{ endpoint: { address: { socketAddress: { address: "a.example.com", portValue: 8443 } } } }],
          },
        ],
      },
    });
    const family = (...addresses: string[]) =>
      JSON.stringify(clusterUnder(undefined, { endpoints, proxy: { addresses } }, service));
    expect(family("fd00::1")).toContain('"dnsLookupFamily":"V6_ONLY"');
    expect(family("10.0.0.9", "fd00::1")).toContain('"dnsLookupFamily":"V4_PREFERRED"');
  });

  it("are one host for DNS_ROUND_ROBIN, which takes one name", () => {
    const service = external({ resolution: "DNS_ROUND_ROBIN" });
    const single = (set: typeof endpoints) =>
      JSON.stringify(clusterUnder(undefined, { endpoints: set }, service)).includes("allAddressesInSingleEndpoint");
    expect(single(endpoints)).toBe(true);
    expect(single(setOf(...endpoints.endpoints, endpointOf("b.example.com")))).toBe(false);
  });
});

it("sends to where the caller asked under NONE, on the entry's target port", () => {
  const service = external({ resolution: "NONE", ports: [{ ...http, targetPort: 8443 }], meshExternal: true });
  expect(clusterUnder(undefined, {}, service)).toMatchObject({
    type: "ORIGINAL_DST",
    lbPolicy: "CLUSTER_PROVIDED",
    originalDstLbConfig: { upstreamPortOverride: 8443 },
  });
});

describe("sharing", () => {
  const visible = visibleOf();
  const other = visibleOf(undefined, serviceOf({ hostname: "ratings.default.svc.cluster.local" }));

  it("encodes a service once for all scopes and proxies", () => {
    const first = outboundClusters(viewOf([visible]));
    const before = counters.encoded;
    const view = viewOf([visible]);
    const again = outboundClusters({
      ...view,
      proxy: { ...view.proxy, locality: { region: "r", zone: "", subzone: "" } },
    });
    expect(again.get(reviews)).toBe(first.get(reviews));
    expect(counters.encoded).toBe(before);
  });

  it("keeps the map while nothing changes in it, though the snapshot is new", () => {
    const services = [visible, other];
    const map = outboundClusters(viewOf(services, { endpoints: () => setOf() }));
    expect(outboundClusters(viewOf(services, { endpoints: () => setOf(endpointOf("10.0.0.9")) }))).toBe(map);
  });

  it("makes a new map around one changed service", () => {
    const map = outboundClusters(viewOf([visible, other]));
    const next = outboundClusters(viewOf([visibleOf({ trafficPolicy: { tls: { mode: "DISABLE" } } }), other]));
    expect(next).not.toBe(map);
    expect(next.get(reviews)?.version).not.toBe(map.get(reviews)?.version);
    expect([...next.values()].filter((resource) => map.get(resource.name) === resource)).toHaveLength(3);
  });
});
