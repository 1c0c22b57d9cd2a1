import { edit, parseSpec, told } from "../test-support.ts";

const check = (spec: unknown) => parseSpec("DestinationRule", spec);
const withPolicy = (trafficPolicy: unknown) => ({ host: "a", trafficPolicy });
const lb = (loadBalancer: unknown) => withPolicy({ loadBalancer });

const full = {
  host: "reviews.prod.svc.cluster.local",
  exportTo: ["."],
  workloadSelector: { matchLabels: { app: "web" } },
  trafficPolicy: {
    connectionPool: {
      tcp: {
        maxConnections: 1,
        connectTimeout: "30ms",
        idleTimeout: "0s",
        maxConnectionDuration: "1h",
        tcpKeepalive: { time: "7200s", interval: "75s", probes: 3 },
      },
      http: {
        http1MaxPendingRequests: 1,
        http2MaxRequests: 1,
        maxRequestsPerConnection: 1,
        maxRetries: 0,
        idleTimeout: "1m",
        h2UpgradePolicy: "UPGRADE",
        maxConcurrentStreams: 5,
        useClientProtocol: false,
      },
    },
    loadBalancer: {
      consistentHash: {
        httpCookie: { name: "user", ttl: "0s", path: "/", attributes: [{ name: "SameSite", value: "Lax" }] },
        ringHash: { minimumRingSize: 1024 },
      },
      localityLbSetting: {
        enabled: true,
        distribute: [{ from: "us-west/zone1/*", to: { "us-west/zone1/*": 80, "us-west/zone2/*": 20 } }],
      },
      warmup: { duration: "10s", minimumPercent: 10, aggression: 1.5 },
    },
    outlierDetection: {
      consecutive5xxErrors: 5,
      consecutiveGatewayErrors: 0,
      interval: "10s",
      baseEjectionTime: "15m",
      maxEjectionPercent: 100,
      minHealthPercent: 0,
      splitExternalLocalOriginErrors: true,
      consecutiveLocalOriginFailures: 3,
    },
    tls: {
      mode: "MUTUAL",
      clientCertificate: "/c",
      privateKey: "/k",
      caCertificates: "/ca",
      sni: "a",
      subjectAltNames: ["b"],
    },
    portLevelSettings: [{ port: { number: 80 }, loadBalancer: { simple: "ROUND_ROBIN" } }],
    retryBudget: { percent: 20, minRetryConcurrency: 3 },
    tunnel: { protocol: "CONNECT", targetHost: "proxy.example.com", targetPort: 443 },
  },
  subsets: [
    { name: "v1", labels: { version: "v1" }, trafficPolicy: { loadBalancer: { simple: "RANDOM" } } },
    { name: "all" },
  ],
};

it("takes every field", () => {
  const { objects, problems } = check(full);
  expect(told(problems)).toEqual([]);
  expect(JSON.parse(JSON.stringify(objects[0]?.spec))).toEqual(full);
});

it.each(["v1alpha3", "v1beta1", "v1"])("reads the same from %s", (version) => {
  expect(parseSpec("DestinationRule", full, `networking.istio.io/${version}`).objects[0]?.spec).toEqual(
    check(full).objects[0]?.spec,
  );
});

it.each(["*", "*.local", "*.prod.svc.cluster.local", "10.0.0.1"])(
  "takes the host %s, for defaults that name no service",
  (host) => {
    expect(check({ host, trafficPolicy: { outlierDetection: { consecutive5xxErrors: 5 } } }).problems).toEqual([]);
  },
);

const locality = (localityLbSetting: unknown) => lb({ localityLbSetting });
const at = "spec.trafficPolicy";
const rejected: readonly (readonly [why: string, spec: unknown, told: string])[] = [
  ["no host", {}, "HED111 spec"],
  ["a bad host", { host: "a b" }, "HED201 spec.host"],
  ["an empty policy", withPolicy({}), `HED209 ${at}`],
  ["an empty connection pool", withPolicy({ connectionPool: {} }), `HED209 ${at}.connectionPool`],
  [
    "negative connections",
    withPolicy({ connectionPool: { tcp: { maxConnections: -1 } } }),
    `HED113 ${at}.connectionPool.tcp.maxConnections`,
  ],
  [
    "half a connection",
    withPolicy({ connectionPool: { tcp: { maxConnections: 0.5 } } }),
    `HED110 ${at}.connectionPool.tcp.maxConnections`,
  ],
  [
    "a connect timeout of 0",
    withPolicy({ connectionPool: { tcp: { connectTimeout: "0s" } } }),
    `HED202 ${at}.connectionPool.tcp.connectTimeout`,
  ],
  [
    "UPGRADE with useClientProtocol",
    withPolicy({ connectionPool: { http: { h2UpgradePolicy: "UPGRADE", useClientProtocol: true } } }),
    `HED208 ${at}.connectionPool.http.useClientProtocol`,
  ],
  ["an unknown balancer", lb({ simple: "LEAST_REQUESTS" }), `HED112 ${at}.loadBalancer.simple`],
  ["two balancers", lb({ simple: "RANDOM", consistentHash: { useSourceIp: true } }), `HED114 ${at}.loadBalancer`],
  [
    "two keys to hash",
    lb({ consistentHash: { useSourceIp: true, httpHeaderName: "a" } }),
    `HED114 ${at}.loadBalancer.consistentHash`,
  ],
  ["no key to hash", lb({ consistentHash: {} }), `HED209 ${at}.loadBalancer.consistentHash`],
  [
    "a cookie without a name",
    lb({ consistentHash: { httpCookie: { name: "" } } }),
    `HED209 ${at}.loadBalancer.consistentHash.httpCookie.name`,
  ],
  [
    "a table that is no prime",
    lb({ consistentHash: { useSourceIp: true, maglev: { tableSize: 65_536 } } }),
    `HED216 ${at}.loadBalancer.consistentHash.maglev.tableSize`,
  ],
  [
    "a table too large",
    lb({ consistentHash: { useSourceIp: true, maglev: { tableSize: 5_000_011 } } }),
    `HED113 ${at}.loadBalancer.consistentHash.maglev.tableSize`,
  ],
  [
    "a ring too large",
    lb({ consistentHash: { useSourceIp: true, ringHash: { minimumRingSize: 9_000_000 } } }),
    `HED113 ${at}.loadBalancer.consistentHash.ringHash.minimumRingSize`,
  ],
  [
    "distribute and failover",
    locality({ distribute: [{ from: "a", to: { a: 100 } }], failover: [{ from: "a", to: "b" }] }),
    `HED208 ${at}.loadBalancer.localityLbSetting`,
  ],
  [
    "weights of 99",
    locality({ distribute: [{ from: "a/*", to: { a: 99 } }] }),
    `HED205 ${at}.loadBalancer.localityLbSetting.distribute[0].to`,
  ],
  [
    "a weight of 0",
    locality({ distribute: [{ from: "a/*", to: { a: 0, b: 100 } }] }),
    `HED205 ${at}.loadBalancer.localityLbSetting.distribute[0].to.a`,
  ],
  [
    "a locality with * inside",
    locality({ distribute: [{ from: "a/*/b", to: { a: 100 } }] }),
    `HED217 ${at}.loadBalancer.localityLbSetting.distribute[0].from`,
  ],
  [
    "localities that overlap",
    locality({ distribute: [{ from: "a/*", to: { "b/*": 50, "b/c": 50 } }] }),
    `HED217 ${at}.loadBalancer.localityLbSetting.distribute[0].to.b/c`,
  ],
  [
    "failover to itself",
    locality({ failover: [{ from: "a", to: "a" }] }),
    `HED217 ${at}.loadBalancer.localityLbSetting.failover[0]`,
  ],
  [
    "failover to a zone",
    locality({ failover: [{ from: "a", to: "b/c" }] }),
    `HED217 ${at}.loadBalancer.localityLbSetting.failover[0].to`,
  ],
  [
    "ejecting 101 %",
    withPolicy({ outlierDetection: { maxEjectionPercent: 101 } }),
    `HED203 ${at}.outlierDetection.maxEjectionPercent`,
  ],
  [
    "local failures that are not split",
    withPolicy({ outlierDetection: { consecutiveLocalOriginFailures: 1 } }),
    `HED208 ${at}.outlierDetection.consecutiveLocalOriginFailures`,
  ],
  ["an interval of 0", withPolicy({ outlierDetection: { interval: "0s" } }), `HED202 ${at}.outlierDetection.interval`],
  ["MUTUAL without a key", withPolicy({ tls: { mode: "MUTUAL", clientCertificate: "/c" } }), `HED209 ${at}.tls`],
  [
    "ISTIO_MUTUAL with a key",
    withPolicy({ tls: { mode: "ISTIO_MUTUAL", privateKey: "/k" } }),
    `HED208 ${at}.tls.privateKey`,
  ],
  [
    "a credential and a file",
    withPolicy({ tls: { mode: "SIMPLE", credentialName: "a", caCertificates: "/c" } }),
    `HED208 ${at}.tls.caCertificates`,
  ],
  [
    "trusting everybody and a CA",
    withPolicy({ tls: { mode: "SIMPLE", insecureSkipVerify: true, caCertificates: "/c" } }),
    `HED208 ${at}.tls.caCertificates`,
  ],
  [
    "port settings without a port",
    withPolicy({ portLevelSettings: [{ loadBalancer: { simple: "RANDOM" } }] }),
    `HED209 ${at}.portLevelSettings[0]`,
  ],
  [
    "port settings that set nothing",
    withPolicy({ portLevelSettings: [{ port: { number: 80 } }] }),
    `HED209 ${at}.portLevelSettings[0]`,
  ],
  [
    "a port twice",
    withPolicy({
      portLevelSettings: [full.trafficPolicy.portLevelSettings[0], full.trafficPolicy.portLevelSettings[0]],
    }),
    `HED212 ${at}.portLevelSettings[1].port`,
  ],
  [
    "tunnel and proxy protocol",
    withPolicy({ tunnel: full.trafficPolicy.tunnel, proxyProtocol: { version: "V1" } }),
    `HED208 ${at}.tunnel`,
  ],
  ["a subset twice", { host: "a", subsets: [{ name: "v1" }, { name: "v1" }] }, "HED212 spec.subsets[1].name"],
  ["a bad subset name", { host: "a", subsets: [{ name: "v.1" }] }, "HED118 spec.subsets[0].name"],
  ["a selector and exportTo", edit(full, "exportTo", ["*"]), "HED213 spec.exportTo"],
];

it.each(rejected)("refuses %s", (_why, spec, expected) => {
  const { objects, problems } = check(spec);
  expect(told(problems)).toContain(expected);
  expect(objects).toEqual([]);
});

it("warns of what is deprecated", () => {
  const { objects, problems } = check(
    withPolicy({ outlierDetection: { consecutiveErrors: 5 }, loadBalancer: { simple: "LEAST_CONN" } }),
  );
  expect(told(problems, "warning")).toEqual([
    `IST0002 ${at}.outlierDetection.consecutiveErrors`,
    `IST0002 ${at}.loadBalancer.simple`,
  ]);
  expect(objects).toHaveLength(1);
});

it.each([
  [{ tls: { mode: "SIMPLE", sni: "a".repeat(256) } }, "HED103 spec.trafficPolicy.tls.sni"],
  [
    {
      loadBalancer: {
        consistentHash: { httpCookie: { name: "a", ttl: "0s", attributes: [{ name: "b\n", value: "c" }] } },
      },
    },
    "HED216 spec.trafficPolicy.loadBalancer.consistentHash.httpCookie.attributes[0].name",
  ],
])("refuses what Envoy would refuse a whole cluster or route for: %j", (trafficPolicy, expected) => {
  expect(told(parseSpec("DestinationRule", { host: "a", trafficPolicy }).problems)).toContain(expected);
});
