import { parseSpec, told } from "../test-support.ts";
import { readMessage } from "./message-json.ts";
import { versionPattern } from "./version-pattern.ts";

const check = (spec: unknown) => parseSpec("EnvoyFilter", spec, "networking.istio.io/v1alpha3");
const patch = (value: unknown, applyTo = "CLUSTER", more: object = {}) => ({
  configPatches: [{ applyTo, patch: { operation: "MERGE", value }, ...more }],
});
const at = "spec.configPatches[0]";

it.each([
  ["a field that is not there", patch({ conect_timeout: "3s" }), `HED101 ${at}.patch.value.conect_timeout`],
  ["a truth as text", patch({ respect_dns_ttl: "false" }), `HED216 ${at}.patch.value.respect_dns_ttl`],
  ["a number as an object", patch({ dns_refresh_rate: { s: 1 } }), `HED216 ${at}.patch.value`],
  ["an object as text", patch({ dns_cluster: "x" }), `HED101 ${at}.patch.value.dns_cluster`],
  ["a message as text", patch({ circuit_breakers: "x" }), `HED216 ${at}.patch.value.circuit_breakers`],
  ["text as a number", patch({ alt_stat_name: 7 }), `HED216 ${at}.patch.value.alt_stat_name`],
  ["a list as an object", patch({ health_checks: {} }), `HED216 ${at}.patch.value.health_checks`],
  ["a word that no enum has", patch({ lb_policy: "FAIR" }), `HED216 ${at}.patch.value`],
  [
    "a field in both spellings",
    patch({ connect_timeout: "3s", connectTimeout: "3s" }),
    `HED216 ${at}.patch.value.connectTimeout`,
  ],
  [
    "an unknown type",
    patch({ transport_socket: { typed_config: { "@type": "a/b" } } }),
    `HED216 ${at}.patch.value.transport_socket.typed_config.@type`,
  ],
  ["nothing to patch", { configPatches: [{ patch: { operation: "MERGE", value: {} } }] }, `HED111 ${at}.applyTo`],
  ["no operation", { configPatches: [{ applyTo: "CLUSTER" }] }, `HED111 ${at}.patch.operation`],
  [
    "a version expression with flags",
    patch({}, "CLUSTER", { match: { proxy: { proxyVersion: "(?i)1" } } }),
    `IST0122 ${at}.match.proxy.proxyVersion`,
  ],
  [
    "a version expression without end",
    patch({}, "CLUSTER", { match: { proxy: { proxyVersion: "1".repeat(2000) } } }),
    `IST0122 ${at}.match.proxy.proxyVersion`,
  ],
])("refuses %s", (_why, spec, expected) => {
  const { objects, problems } = check(spec);
  expect(told(problems)).toContain(expected);
  expect(objects).toEqual([]);
});

it.each([
  ["a bootstrap", patch({}, "BOOTSTRAP"), `HED214 ${at}.applyTo`],
  ["an extension that is merged", patch({ name: "x" }, "EXTENSION_CONFIG"), `HED214 ${at}.patch.operation`],
  [
    "an operation that means nothing there",
    { configPatches: [{ applyTo: "CLUSTER", patch: { operation: "INSERT_FIRST", value: {} } }] },
    `HED214 ${at}.patch.operation`,
  ],
  ["a waypoint", patch({}, "CLUSTER", { match: { context: "WAYPOINT" } }), `HED121 ${at}.match.context`],
])("says that %s cannot be patched", (_why, spec, expected) => {
  const { objects, problems } = check(spec);
  expect(told(problems, "warning")).toContain(expected);
  expect(objects).toHaveLength(1);
});

it("reads what other control planes take: both spellings, packed messages, structs, words and numbers", () => {
  const { json, faults } = readMessage("envoy.config.listener.v3.Filter", {
    name: "x",
    typed_config: {
      "@type": "type.googleapis.com/udpa.type.v1.TypedStruct",
      type_url: "type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy",
      value: { stat_prefix: "x", cluster: "y", idleTimeout: "1.5s", max_connect_attempts: 3 },
    },
  });
  expect(faults).toEqual([]);
  expect(json).toEqual({
    name: "x",
    typedConfig: {
      "@type": "type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy",
      ...{ statPrefix: "x", cluster: "y", idleTimeout: "1.5s", maxConnectAttempts: 3 },
    },
  });
  const metadata = { filter_metadata: { own_key: { some_field: [1, "a", { "b-c": null }], more: true } } };
  expect(readMessage("envoy.config.core.v3.Metadata", metadata)).toEqual({
    json: { filterMetadata: metadata.filter_metadata },
    faults: [],
  });
});

it.each([
  ["^1\\.2[0-9].*", "1.29.1", true],
  ["^1\\.2[0-9].*", "1.3.0", false],
  ["1\\.(9|1\\d)\\.\\d+$", "1.17.22", true],
  ["1\\.(9|1\\d)\\.\\d+$", "1.17.22-dev", false],
  ["^[^2].{2,3}\\d$", "1.10", true],
  ["^(?:1|2)?\\.x*$", ".", true],
  ["9", "1.29", true],
  ["", "1.29", true],
  ["^(1?)+b$", "1.29", false],
])("compares %s with %s", (expression, version, expected) => {
  expect(versionPattern(expression)?.(version)).toBe(expected);
});

it.each(["(", ")", "[", "[a", "*", "a{", "\\", "\\b", "(?i)a", "[z-a]"])("does not know %s", (expression) => {
  expect(versionPattern(expression)).toBeUndefined();
});

it("gives up on no expression, however wicked", () => {
  expect(versionPattern(`^${"(1*)*".repeat(20)}$`)?.(`${"1".repeat(100)}!`)).toBe(false);
});
