import { checkDuration } from "../duration.ts";
import { checkImage, checkThreads, checkVariables } from "../proxy-config/proxy-settings.ts";
import type { Place } from "../report.ts";
import type { Schema } from "../schema.ts";
import { gatewayTopologySchema, type GatewayTopology } from "./gateway-topology.ts";

/**
 * What MeshConfig's `defaultConfig` says of all proxies, as far as a stock Envoy has use for it. Durations stay as written ("45s").
 * https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/#ProxyConfig
 */
export interface ProxyDefaults {
  readonly concurrency?: number; // 0: as many threads as there are CPUs
  readonly image?: { readonly imageType?: string };
  readonly proxyMetadata?: Readonly<Record<string, string>>;
  readonly drainDuration?: string;
  readonly terminationDrainDuration?: string;
  readonly holdApplicationUntilProxyStarts?: boolean;
  readonly gatewayTopology?: GatewayTopology;
  readonly runtimeValues?: Readonly<Record<string, string>>;
}

const text: Schema = { type: "string" };

const used: Readonly<Record<keyof ProxyDefaults, Schema>> = {
  concurrency: { type: "integer", minimum: 0 },
  image: { type: "object", additionalProperties: false, properties: { imageType: text } },
  proxyMetadata: { type: "object", additionalProperties: text },
  drainDuration: text,
  terminationDrainDuration: text,
  holdApplicationUntilProxyStarts: { type: "boolean" },
  gatewayTopology: gatewayTopologySchema,
  runtimeValues: { type: "object", additionalProperties: text },
};

/** The shape of those, once the fields that change nothing are taken out. */
export const proxyDefaultsSchema: Schema = { type: "object", additionalProperties: false, properties: used };

/** Fields of Istio's ProxyConfig that change nothing here. */
export const unusedProxyDefaults: readonly string[] = `configPath binaryPath serviceCluster tracingServiceName
  parentShutdownDuration discoveryAddress discoveryRefreshDelay zipkinAddress statsdUdpAddress envoyMetricsServiceAddress
  proxyAdminPort availabilityZone controlPlaneAuthPolicy customConfigFile statNameLength proxyBootstrapTemplatePath
  interceptionMode tracing sds envoyAccessLogService envoyMetricsService statusPort extraStatTags
  meshId readinessProbe proxyStatsMatcher caCertificatesPem privateKeyProvider proxyHeaders
  fileFlushInterval fileFlushMinSizeKb statsCompression`.split(/\s+/);

export function checkProxyDefaults(defaults: ProxyDefaults | undefined, place: Place): void {
  if (!defaults) return;
  checkThreads(defaults.concurrency, place.at("concurrency"));
  checkImage(defaults.image, place.at("image"));
  checkVariables(defaults.proxyMetadata, place.at("proxyMetadata"));
  checkDuration(defaults.drainDuration, place.at("drainDuration"), { min: 1000, max: 3_600_000 });
  checkDuration(defaults.terminationDrainDuration, place.at("terminationDrainDuration"), {
    zero: true,
    max: 3_600_000,
  });
}
