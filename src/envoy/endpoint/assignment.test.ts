import { ClusterLoadAssignment } from "../../../generated/envoy/config/endpoint/v3/endpoint.ts";
import { endpointOf, http, jsonOf, serviceOf, setOf, viewOf, visibleOf } from "../cluster/test-support.ts";
import { endpointAssignments } from "./index.ts";

const onlyIPv6 = setOf(endpointOf("fd00::1"));
const reviews = "reviews.default.svc.cluster.local";
type Endpoint = ReturnType<typeof endpointOf>;

function assignmentOf(endpoints: Endpoint[], rule?: Parameters<typeof visibleOf>[0], subset = "") {
  const map = endpointAssignments(viewOf([visibleOf(rule)], { endpoints: setOf(...endpoints) }));
  return jsonOf(ClusterLoadAssignment, map, `outbound|80|${subset}|${reviews}`) as {
    readonly clusterName: string;
    readonly endpoints: { readonly lbEndpoints: { readonly endpoint: { readonly address: object } }[] }[];
  };
}

const addressesOf = (...args: Parameters<typeof assignmentOf>) =>
  JSON.stringify(assignmentOf(...args)).match(/(?<="(address|path)":")[^"]+/g) ?? [];

it("gives each endpoint by its place, with its weight and what it is", () => {
  const pod = endpointOf("10.1.0.2", {
    workload: "reviews-v1",
    labels: { app: "reviews", version: "v1" },
    locality: { region: "r1", zone: "z1", subzone: "s1" },
    weight: 5,
    meshMtls: true,
  });
  expect(assignmentOf([pod, endpointOf("10.1.0.1")])).toEqual({
    clusterName: `outbound|80||${reviews}`,
    endpoints: [
      {
        locality: {},
        lbEndpoints: [
          {
            endpoint: { address: { socketAddress: { address: "10.1.0.1", portValue: 8080 } } },
            healthStatus: "HEALTHY",
          },
        ],
        loadBalancingWeight: 1,
      },
      {
        locality: { region: "r1", zone: "z1", subZone: "s1" },
        lbEndpoints: [
          {
            endpoint: { address: { socketAddress: { address: "10.1.0.2", portValue: 8080 } } },
            healthStatus: "HEALTHY",
            loadBalancingWeight: 5,
            metadata: {
              filterMetadata: {
                "envoy.transport_socket_match": { tlsMode: "istio" },
                istio: { workload: "reviews-v1;default;reviews;v1;" },
              },
            },
          },
        ],
        loadBalancingWeight: 5,
      },
    ],
  });
});

it("leaves out what is not ready, serves another port, or has a name", () => {
  const endpoints = [
    endpointOf("10.1.0.1"),
    endpointOf("10.1.0.2", { healthy: false }),
    endpointOf("10.1.0.3", { ports: { other: 1 } }),
    endpointOf("a.example.com"),
    endpointOf("unix:///run/app.sock"),
    endpointOf("10.1.0.9"),
  ];
  expect(addressesOf(endpoints)).toEqual(["10.1.0.1", "/run/app.sock", "10.1.0.9"]);
});

it("gives addresses of the IP versions that the client speaks, where endpoints have both", () => {
  const both = endpointOf("10.1.0.1", { additionalAddresses: ["fd00::1"] });
  const set = setOf(both, endpointOf("10.1.0.2"), endpointOf("fd00::3"));
  const heard = (...addresses: string[]) => {
    const map = endpointAssignments(viewOf([visibleOf()], { endpoints: set, proxy: { addresses } }));
    const json = JSON.stringify(jsonOf(ClusterLoadAssignment, map, `outbound|80||${reviews}`));
    return json.match(/additionalAddresses|(?<="address":")[^"]+/g);
  };
  expect(heard("10.0.0.1")).toEqual(["10.1.0.1", "10.1.0.2"]);
  expect(heard("fd00::9")).toEqual(["fd00::1", "fd00::3"]);
  expect(heard("10.0.0.1", "fd00::9")).toEqual(["10.1.0.1", "additionalAddresses", "fd00::1", "10.1.0.2", "fd00::3"]);
});

it("leaves endpoints of one IP version alone: whoever asks, it is the same resource", () => {
  const visible = visibleOf();
  const of = (address: string) =>
    endpointAssignments(viewOf([visible], { endpoints: onlyIPv6, proxy: { addresses: [address] } })).get(
      `outbound|80||${reviews}`,
    );
  expect(of("10.0.0.1")).toBeDefined();
  expect(of("10.0.0.1")).toBe(of("fd00::9"));
});

it("gives a subset those endpoints that have all its labels", () => {
  const rule = { subsets: [{ name: "v1", labels: { version: "v1", tier: "a" } }, { name: "all" }] };
  const endpoints = [
    endpointOf("10.1.0.1", { labels: { version: "v1", tier: "a", more: "x" } }),
    endpointOf("10.1.0.2", { labels: { version: "v1" } }),
  ];
  expect(addressesOf(endpoints, rule, "v1")).toEqual(["10.1.0.1"]);
  expect(addressesOf(endpoints, rule, "all")).toHaveLength(2);
  expect(addressesOf(endpoints, rule)).toHaveLength(2);
});

it("is there, empty, for a cluster that nobody serves", () => {
  expect(assignmentOf([])).toEqual({ clusterName: `outbound|80||${reviews}` });
});

it("is there for EDS clusters only", () => {
  const services = [
    visibleOf(undefined, serviceOf({ resolution: "DNS", hostname: "a" })),
    visibleOf(undefined, serviceOf({ resolution: "NONE", hostname: "b" })),
    visibleOf({ trafficPolicy: { loadBalancer: { simple: "PASSTHROUGH" } } }, serviceOf({ hostname: "c" })),
    visibleOf(undefined, serviceOf({ hostname: "d", ports: [{ ...http, protocol: "UDP" }] })),
    visibleOf(undefined, serviceOf({ hostname: "e" })),
  ];
  expect([...endpointAssignments(viewOf(services)).keys()]).toEqual(["outbound|80||e"]);
});
