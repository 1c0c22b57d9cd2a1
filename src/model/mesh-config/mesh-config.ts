import { schema as destinationRule } from "../../../generated/schemas/destination-rule.ts";
import { schema as virtualService } from "../../../generated/schemas/virtual-service.ts";
import { bareObject } from "../../lib/index.ts";
import { codes } from "../codes.ts";
import { checkDuration } from "../duration.ts";
import { checkExportTo } from "../export-to.ts";
import { checkOperators } from "../headers.ts";
import type { Fields, KindDefinition } from "../kind.ts";
import { checkLocalityLb } from "../destination-rule/locality.ts";
import { checkHost, isLabel, show } from "../names.ts";
import { each, type Place } from "../report.ts";
import { checkShape, schemaAt, type Schema } from "../schema.ts";
import { checkRetries } from "../virtual-service/retries.ts";
import { checkMeshNetworks, meshNetworksSchema } from "./mesh-networks.ts";
import { checkProxyDefaults, proxyDefaultsSchema, unusedProxyDefaults } from "./proxy-defaults.ts";
import type { MeshConfigSpec } from "./types.ts";

const text: Schema = { type: "string" };
const texts: Schema = { type: "array", items: text };
const oneOf = (...values: readonly string[]): Schema => ({ type: "string", enum: values });
const trafficPolicy = (...path: readonly string[]): Schema => schemaAt(destinationRule, ["trafficPolicy", ...path]);

const used: Readonly<Record<keyof MeshConfigSpec, Schema>> = {
  trustDomain: text,
  trustDomainAliases: texts,
  rootNamespace: text,
  enableAutoMtls: { type: "boolean" },
  outboundTrafficPolicy: fields({ mode: oneOf("REGISTRY_ONLY", "ALLOW_ANY") }),
  connectTimeout: text,
  protocolDetectionTimeout: text,
  tcpKeepalive: trafficPolicy("connectionPool", "tcp", "tcpKeepalive"),
  defaultHttpRetryPolicy: schemaAt(virtualService, ["http", 0, "retries"]),
  defaultServiceExportTo: texts,
  defaultVirtualServiceExportTo: texts,
  defaultDestinationRuleExportTo: texts,
  localityLbSetting: trafficPolicy("loadBalancer", "localityLbSetting"),
  accessLogFile: text,
  accessLogFormat: text,
  accessLogEncoding: oneOf("TEXT", "JSON"),
  dnsRefreshRate: text,
  defaultConfig: proxyDefaultsSchema,
  meshNetworks: meshNetworksSchema,
  pathNormalization: fields({
    normalization: oneOf("DEFAULT", "NONE", "BASE", "MERGE_SLASHES", "DECODE_AND_MERGE_SLASHES"),
  }),
};

/** Fields of Istio's MeshConfig that change nothing here. */
const unused = `proxyListenPort proxyInboundListenPort proxyHttpPort hboneIdleTimeout ingressClass ingressService
  ingressControllerMode ingressSelector enableTracing enableEnvoyAccessLogService disableEnvoyListenerLog
  inboundTrafficPolicy configSources caCertificates h2UpgradePolicy inboundClusterStatName outboundClusterStatName
  certificates thriftConfig serviceSettings enablePrometheusMerge verifyCertificateAtClient ca extensionProviders
  defaultProviders discoverySelectors meshMTLS tlsDefaults serviceScopeConfigs`.split(/\s+/);

function fields(properties: Readonly<Record<string, Schema>>): Schema {
  return { type: "object", additionalProperties: false, properties };
}

/**
 * Settings of the whole mesh: https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/
 * The settings stand in `spec`, or beside `kind` as Istio itself prints them.
 */
export const meshConfig: KindDefinition<"MeshConfig"> = {
  kind: "MeshConfig",
  apiVersions: ["mesh.istio.io/v1alpha1"],
  metadata: { name: "istio", namespace: "istio-system" },
  parse(raw, place) {
    const { apiVersion: _v, kind: _k, metadata: _m, status: _s, ...beside } = raw;
    const inSpec = Object.hasOwn(raw, "spec");
    const settings = inSpec ? raw.spec : beside;
    const at = inSpec ? place.at("spec") : place;
    if (inSpec)
      for (const name of Object.keys(beside))
        if (name !== "spec") place.at(name).error(codes.unknownField, "unknown field");
    if (!isFields(settings)) {
      checkShape(settings, { type: "object" }, at);
      return {};
    }
    // A file cut off after `kind` must not set the mesh to its defaults.
    if (!inSpec && Object.keys(beside).length === 0) at.error(codes.missing, "no setting follows", "write spec: {}");
    const config = withoutUnused(settings, unused, at);
    if (isFields(config["defaultConfig"]))
      config["defaultConfig"] = withoutUnused(config["defaultConfig"], unusedProxyDefaults, at.at("defaultConfig"));
    checkShape(config, fields({ ...used }), at);
    if (!place.report.failed) checkSettings(config, at);
    return config;
  },
};

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function withoutUnused(settings: Fields, names: readonly string[], place: Place): Record<string, unknown> {
  const config = bareObject();
  for (const [name, value] of Object.entries(settings)) {
    if (names.includes(name)) place.at(name).warn(codes.unusedField, "Istio has this setting; here it changes nothing");
    else config[name] = value;
  }
  return config;
}

function checkSettings(config: MeshConfigSpec, place: Place): void {
  const timeouts = { max: 3_600_000 };
  checkDuration(config.connectTimeout, place.at("connectTimeout"), timeouts);
  checkDuration(config.protocolDetectionTimeout, place.at("protocolDetectionTimeout"), { zero: true });
  checkDuration(config.dnsRefreshRate, place.at("dnsRefreshRate"));
  checkDuration(config.tcpKeepalive?.time, place.at("tcpKeepalive", "time"));
  checkDuration(config.tcpKeepalive?.interval, place.at("tcpKeepalive", "interval"));
  if (config.trustDomain !== undefined) checkHost(config.trustDomain, place.at("trustDomain"));
  each(config.trustDomainAliases, place.at("trustDomainAliases"), checkHost);
  if (config.rootNamespace !== undefined && !isLabel(config.rootNamespace))
    place.at("rootNamespace").error(codes.name, `"${show(config.rootNamespace)}" is not a namespace`);
  if (config.accessLogFormat) checkOperators(config.accessLogFormat, place.at("accessLogFormat"));
  if (config.accessLogFile && !config.accessLogFile.startsWith("/"))
    place
      .at("accessLogFile")
      .error(codes.value, `"${show(config.accessLogFile)}" is not an absolute path`, "/dev/stdout");
  checkRetries(config.defaultHttpRetryPolicy, place.at("defaultHttpRetryPolicy"));
  checkLocalityLb(config.localityLbSetting, place.at("localityLbSetting"));
  checkMeshNetworks(config.meshNetworks, place.at("meshNetworks"));
  checkProxyDefaults(config.defaultConfig, place.at("defaultConfig"));
  for (const name of [
    "defaultServiceExportTo",
    "defaultVirtualServiceExportTo",
    "defaultDestinationRuleExportTo",
  ] as const)
    checkExportTo(config[name], place.at(name), { none: true });
}
