import { clusterUnder, http, serviceOf } from "./test-support.ts";

type Pool = NonNullable<NonNullable<Parameters<typeof clusterUnder>[0]>["connectionPool"]>;

function optionsOf(protocol: typeof http.protocol, connectionPool: Pool = {}) {
  const cluster = clusterUnder({ connectionPool }, {}, serviceOf({ ports: [{ ...http, protocol }] }));
  return (cluster["typedExtensionProtocolOptions"] as Record<string, object> | undefined)?.[
    "envoy.extensions.upstreams.http.v3.HttpProtocolOptions"
  ];
}

const http1 = { explicitHttpConfig: { httpProtocolOptions: {} } };
const http2 = { explicitHttpConfig: { http2ProtocolOptions: {} } };
const downstream = { useDownstreamProtocolConfig: { httpProtocolOptions: {}, http2ProtocolOptions: {} } };

it("speaks the declared protocol, and the downstream's on an auto-detected port", () => {
  expect(optionsOf("HTTP")).toBeUndefined();
  expect(optionsOf("TCP")).toBeUndefined();
  expect(optionsOf("HTTP2")).toMatchObject(http2);
  expect(optionsOf("GRPC")).toMatchObject(http2);
  expect(optionsOf("GRPC-Web")).toMatchObject(http2);
  expect(optionsOf("AUTO")).toMatchObject(downstream);
});

it("upgrades to HTTP/2, or keeps the client's protocol, when told to", () => {
  expect(optionsOf("HTTP", { http: { h2UpgradePolicy: "UPGRADE" } })).toMatchObject(http2);
  expect(optionsOf("HTTP", { http: { h2UpgradePolicy: "UPGRADE", useClientProtocol: true } })).toMatchObject(http2);
  expect(optionsOf("HTTP", { http: { h2UpgradePolicy: "DO_NOT_UPGRADE" } })).toBeUndefined();
  expect(optionsOf("HTTP", { http: { useClientProtocol: true } })).toMatchObject(downstream);
});

it("bounds the life of connections", () => {
  const tcp = { idleTimeout: "10s", maxConnectionDuration: "1h" };
  expect(optionsOf("HTTP", { tcp })).toMatchObject({
    commonHttpProtocolOptions: { idleTimeout: "10s", maxConnectionDuration: "3600s" },
    ...http1,
  });
  expect(optionsOf("HTTP", { tcp, http: { idleTimeout: "3s", maxRequestsPerConnection: 1 } })).toMatchObject({
    commonHttpProtocolOptions: { idleTimeout: "3s", maxRequestsPerConnection: 1 },
  });
});

it("bounds the streams of an HTTP/2 connection", () => {
  expect(optionsOf("HTTP2", { http: { maxConcurrentStreams: 9 } })).toMatchObject({
    explicitHttpConfig: { http2ProtocolOptions: { maxConcurrentStreams: 9 } },
  });
});
