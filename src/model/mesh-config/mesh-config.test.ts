import { stringify } from "yaml";
import { parseDocuments } from "../parse.ts";
import { told } from "../test-support.ts";

const header = "apiVersion: mesh.istio.io/v1alpha1\nkind: MeshConfig\n";
const check = (spec: object) => parseDocuments(`${header}${stringify({ spec })}`, "it.yaml");

const full = {
  trustDomain: "example.org",
  trustDomainAliases: ["cluster.local"],
  rootNamespace: "istio-config",
  enableAutoMtls: true,
  outboundTrafficPolicy: { mode: "REGISTRY_ONLY" },
  connectTimeout: "10s",
  protocolDetectionTimeout: "0s",
  tcpKeepalive: { time: "10s", interval: "5s", probes: 3 },
  defaultHttpRetryPolicy: { attempts: 3, retryOn: "503" },
  defaultServiceExportTo: ["~"],
  defaultVirtualServiceExportTo: ["."],
  defaultDestinationRuleExportTo: ["*"],
  localityLbSetting: { enabled: false },
  accessLogFile: "/dev/stdout",
  accessLogFormat: "%PROTOCOL%\n",
  accessLogEncoding: "JSON",
  dnsRefreshRate: "5s",
  defaultConfig: {
    concurrency: 0,
    image: { imageType: "debug" },
    proxyMetadata: { ISTIO_META_DNS_CAPTURE: "true" },
    drainDuration: "45s",
    terminationDrainDuration: "0s",
    holdApplicationUntilProxyStarts: false,
    runtimeValues: { "envoy.reloadable_features.x": "true" },
    gatewayTopology: { numTrustedProxies: 2, forwardClientCertDetails: "SANITIZE", proxyProtocol: {} },
  },
  meshNetworks: { networks: { there: { gateways: [{ address: "203.0.113.1", port: 15_443 }] }, here: {} } },
  pathNormalization: { normalization: "MERGE_SLASHES" },
};

it("takes every field, in spec or beside kind, or in Istio's ConfigMap", () => {
  const map = {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "istio", namespace: "istio-system" },
    data: { mesh: stringify(full) },
  };
  for (const text of [`${header}${stringify({ spec: full })}`, `${header}${stringify(full)}`, stringify(map)]) {
    const { objects, problems } = parseDocuments(text, "it.yaml");
    expect(problems).toEqual([]);
    expect(JSON.parse(JSON.stringify(objects[0]?.spec))).toEqual(full);
    expect(objects[0]?.metadata).toMatchObject({ name: "istio", namespace: "istio-system" });
  }
});

it("warns of Istio's settings that change nothing here", () => {
  const { objects, problems } = check({ proxyListenPort: 15_001, enablePrometheusMerge: true, trustDomain: "a" });
  expect(told(problems, "warning")).toEqual(["HED119 spec.proxyListenPort", "HED119 spec.enablePrometheusMerge"]);
  expect({ ...objects[0]?.spec }).toEqual({ trustDomain: "a" });
});

it("takes of defaultConfig what it has a use for, and warns of the rest", () => {
  const defaultConfig = {
    concurrency: 3,
    tracing: {},
    discoveryAddress: "istiod:15012",
    image: { imageType: "distroless" },
  };
  const { objects, problems } = check({ defaultConfig });
  expect(told(problems, "warning")).toEqual([
    "HED119 spec.defaultConfig.tracing",
    "HED119 spec.defaultConfig.discoveryAddress",
    "HED214 spec.defaultConfig.image.imageType",
  ]);
  expect(JSON.parse(JSON.stringify(objects[0]?.spec))).toEqual({
    defaultConfig: { concurrency: 3, image: { imageType: "distroless" } },
  });
});

it("reads the networks that Istio keeps in a text of their own, and says what it needs otherwise", () => {
  const map = (meshNetworks: string) =>
    parseDocuments(
      stringify({
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata: { name: "istio" },
        data: { mesh: "{}", meshNetworks },
      }),
      "it.yaml",
    );
  const way =
    "gateways: [{ address: 203.0.113.1, port: 1, locality: r1 }, { address: a.example, port: 1 }, { registryServiceName: a, port: 1 }]";
  const { objects, problems } = map(`networks: { a: { endpoints: [{ fromRegistry: Kubernetes }], ${way} } }`);
  expect(told(problems, "warning")).toEqual([
    "HED121 spec.meshNetworks.networks.a.endpoints",
    "HED121 spec.meshNetworks.networks.a.gateways[0].locality",
    "HED121 spec.meshNetworks.networks.a.gateways[1].address",
    "HED121 spec.meshNetworks.networks.a.gateways[2].registryServiceName",
  ]);
  expect(objects).toHaveLength(1);
  expect(map("networks: {}").problems).toEqual([]);
  expect(told(map("networks: [").problems)[0]).toMatch(/^HED102/);
});

it.each([
  [
    { meshNetworks: { networks: { a: { gateways: [{ port: 1 }] } } } },
    "HED111 spec.meshNetworks.networks.a.gateways[0]",
  ],
  [{ defaultConfig: { concurency: 3 } }, "HED101 spec.defaultConfig.concurency"],
  [
    { defaultConfig: { gatewayTopology: { numTrustedProxies: -1 } } },
    "HED113 spec.defaultConfig.gatewayTopology.numTrustedProxies",
  ],
  [{ defaultConfig: { concurrency: 257 } }, "HED113 spec.defaultConfig.concurrency"],
  [{ defaultConfig: { proxyMetadata: { A: true } } }, "HED110 spec.defaultConfig.proxyMetadata.A"],
  [{ defaultConfig: { proxyMetadata: { "A B": "" } } }, "HED118 spec.defaultConfig.proxyMetadata.A B"],
  [{ defaultConfig: { drainDuration: "10ms" } }, "HED202 spec.defaultConfig.drainDuration"],
  [{ defaultConfig: { terminationDrainDuration: "x" } }, "HED202 spec.defaultConfig.terminationDrainDuration"],
  [{ defaultConfig: "concurrency: 3" }, "HED110 spec.defaultConfig"],
  [{ trustDomian: "a" }, "HED101 spec.trustDomian"],
  [{ trustDomain: "a b" }, "HED201 spec.trustDomain"],
  [{ rootNamespace: "A" }, "HED118 spec.rootNamespace"],
  [{ outboundTrafficPolicy: { mode: "DENY" } }, "HED112 spec.outboundTrafficPolicy.mode"],
  [{ connectTimeout: "2h" }, "HED202 spec.connectTimeout"],
  [{ connectTimeout: "0s" }, "HED202 spec.connectTimeout"],
  [{ protocolDetectionTimeout: "x" }, "HED202 spec.protocolDetectionTimeout"],
  [{ defaultHttpRetryPolicy: { attempt: 3 } }, "HED101 spec.defaultHttpRetryPolicy.attempt"],
  [{ defaultHttpRetryPolicy: { attempts: 1, retryOn: "x" } }, "HED216 spec.defaultHttpRetryPolicy.retryOn"],
  [{ tcpKeepalive: { time: "x" } }, "HED202 spec.tcpKeepalive.time"],
  [{ defaultServiceExportTo: ["*", "a"] }, "HED213 spec.defaultServiceExportTo"],
  [{ localityLbSetting: { failover: [{ from: "a", to: "a" }] } }, "HED217 spec.localityLbSetting.failover[0]"],
  [{ enableAutoMtls: "yes" }, "HED110 spec.enableAutoMtls"],
  [{ accessLogFile: null }, "HED109 spec.accessLogFile"],
  [{ accessLogFormat: "100 % %PROTOCOL%" }, "HED206 spec.accessLogFormat"],
  [{ defaultHttpRetryPolicy: { attempts: 2 ** 32 } }, "HED113 spec.defaultHttpRetryPolicy.attempts"],
  [{ accessLogFile: "log/access.log" }, "HED216 spec.accessLogFile"],
])("refuses %j", (spec, expected) => {
  const { objects, problems } = check(spec);
  expect(told(problems)).toContain(expected);
  expect(objects).toEqual([]);
});

it("refuses a document in which nothing follows, as a cut-off file has it (F24)", () => {
  expect(parseDocuments(header, "it.yaml").objects).toEqual([]);
  expect(parseDocuments(`${header}spec: {}\n`, "it.yaml").objects).toHaveLength(1);
});

it("bounds the text in a ConfigMap as any other", () => {
  const map = (mesh: string) =>
    stringify({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "istio" }, data: { mesh } });
  expect(told(parseDocuments(map("[".repeat(20_000)), "it.yaml").problems)[0]).toMatch(/^HED104/);
  expect(told(parseDocuments(map("a: ["), "it.yaml").problems)[0]).toMatch(/^HED102/);
  expect(told(parseDocuments(map("trustDomain: a\ntrustDomain: b"), "it.yaml").problems)[0]).toMatch(/^HED106/);
});
