import { Cluster } from "../../../generated/envoy/config/cluster/v3/cluster.ts";
import type { InboundPort } from "../../mesh/index.ts";
import { inboundClusters } from "./index.ts";
import { http, jsonOf, serviceOf, viewOf, visibleOf, type ViewParts } from "./test-support.ts";

const service = serviceOf();
const port = (over: Partial<InboundPort> = {}): InboundPort => ({
  port: 8080,
  protocol: "HTTP",
  mtls: "STRICT",
  service,
  servicePort: http,
  ...over,
});
const inboundOf = (parts: ViewParts = {}, visible = visibleOf(undefined, service)) =>
  jsonOf(Cluster, inboundClusters(viewOf([visible], { inbound: { ports: [port()] }, ...parts })), "inbound|8080||");

it("connects to the address that was asked for, from the one that iptables lets through", () => {
  expect(inboundOf()).toMatchObject({
    type: "ORIGINAL_DST",
    lbPolicy: "CLUSTER_PROVIDED",
    upstreamBindConfig: { sourceAddress: { address: "127.0.0.6", portValue: 0 } },
    metadata: { filterMetadata: { istio: { services: [{ host: service.hostname }] } } },
  });
});

it.each([
  [["10.0.0.1"], '{"sourceAddress":{"address":"127.0.0.6","portValue":0}}'],
  [["fd00::1"], '{"sourceAddress":{"address":"::6","portValue":0}}'],
  [
    ["10.0.0.1", "fd00::1"],
    '{"sourceAddress":{"address":"127.0.0.6","portValue":0},"extraSourceAddresses":[{"address":{"address":"::6","portValue":0}}]}',
  ],
])("binds in the versions of IP of %j", (addresses, bind) => {
  const map = inboundClusters(viewOf([], { proxy: { addresses } }));
  expect(JSON.stringify(jsonOf(Cluster, map, "InboundPassthroughCluster"))).toContain(`"upstreamBindConfig":${bind}`);
});

it("keeps the limits of the service's rule, but neither its TLS nor its upgrade", () => {
  const rule = {
    trafficPolicy: {
      connectionPool: { tcp: { maxConnections: 3 }, http: { h2UpgradePolicy: "UPGRADE" as const } },
      tls: { mode: "ISTIO_MUTUAL" as const },
    },
  };
  const cluster = inboundOf({}, visibleOf(rule, service));
  expect(cluster).toMatchObject({ circuitBreakers: { thresholds: [{ maxConnections: 3 }] } });
  expect(cluster).not.toHaveProperty("transportSocket");
  expect(cluster).not.toHaveProperty("typedExtensionProtocolOptions");
});

it("speaks to the app what the port declares, and what came in where it declares nothing", () => {
  const options = (protocol: InboundPort["protocol"]) =>
    JSON.stringify(inboundOf({ inbound: { ports: [port({ protocol })] } }));
  expect(options("GRPC")).toContain('"explicitHttpConfig":{"http2ProtocolOptions":{}}');
  expect(options("AUTO")).toContain("useDownstreamProtocolConfig");
});

describe("a Sidecar's defaultEndpoint", () => {
  const listener = (defaultEndpoint: string) =>
    inboundOf({
      proxy: { addresses: ["10.0.0.7"] },
      inbound: {
        ports: [port()],
        sidecar: { ingress: [{ port: { number: 8080, protocol: "HTTP", name: "http" }, defaultEndpoint }] },
      },
    });
  const addressOf = (address: object) => ({
    loadAssignment: { endpoints: [{ lbEndpoints: [{ endpoint: { address } }] }] },
  });

  it("is the loopback, the workload's own address, or a socket", () => {
    const loopback = listener("127.0.0.1:9000");
    expect(loopback).toMatchObject(addressOf({ socketAddress: { address: "127.0.0.1", portValue: 9000 } }));
    expect(loopback).not.toHaveProperty("upstreamBindConfig");
    expect(listener("0.0.0.0:9000")).toMatchObject({
      ...addressOf({ socketAddress: { address: "10.0.0.7", portValue: 9000 } }),
      upstreamBindConfig: {},
    });
    expect(listener("unix:///run/app.sock")).toMatchObject(addressOf({ pipe: { path: "/run/app.sock" } }));
  });

  it("is where the caller asked when it is not there or makes no sense", () => {
    for (const text of ["", "127.0.0.1", "127.0.0.1:0", "[::]:80"]) {
      expect(listener(text)).toMatchObject({ type: "ORIGINAL_DST" });
    }
  });
});

it("gives replicas the same map", () => {
  const ports = [port()];
  const parts = (address: string): ViewParts => ({ proxy: { addresses: [address] }, inbound: { ports } });
  const visible = visibleOf(undefined, service);
  const map = inboundClusters(viewOf([visible], parts("10.0.0.1")));
  expect(inboundClusters(viewOf([visible], parts("10.0.0.2")))).toBe(map);
  expect(inboundClusters(viewOf([visible], parts("fd00::2")))).not.toBe(map);
});
