import type { DestinationRuleSpec } from "../../../generated/istio/destination-rule.ts";
import type { VirtualServiceSpec } from "../../../generated/istio/virtual-service.ts";
import type { MeshNetworks } from "./mesh-networks.ts";
import type { ProxyDefaults } from "./proxy-defaults.ts";

type HttpRoute = NonNullable<VirtualServiceSpec["http"]>[number];
type TrafficPolicy = NonNullable<DestinationRuleSpec["trafficPolicy"]>;

/**
 * The fields of https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/ that Heddle uses, written as a document of
 * apiVersion `mesh.istio.io/v1alpha1`, kind `MeshConfig`. Undefined: not set by the user; mesh/settings.ts has the defaults.
 */
export interface MeshConfigSpec {
  readonly trustDomain?: string;
  readonly trustDomainAliases?: readonly string[];
  readonly rootNamespace?: string;
  readonly enableAutoMtls?: boolean;
  readonly outboundTrafficPolicy?: { readonly mode?: "REGISTRY_ONLY" | "ALLOW_ANY" };
  readonly connectTimeout?: string;
  readonly protocolDetectionTimeout?: string;
  readonly tcpKeepalive?: NonNullable<NonNullable<TrafficPolicy["connectionPool"]>["tcp"]>["tcpKeepalive"];
  readonly defaultHttpRetryPolicy?: NonNullable<HttpRoute["retries"]>;
  readonly defaultServiceExportTo?: readonly string[];
  readonly defaultVirtualServiceExportTo?: readonly string[];
  readonly defaultDestinationRuleExportTo?: readonly string[];
  readonly localityLbSetting?: NonNullable<NonNullable<TrafficPolicy["loadBalancer"]>["localityLbSetting"]>;
  readonly accessLogFile?: string;
  readonly accessLogFormat?: string;
  readonly accessLogEncoding?: "TEXT" | "JSON";
  readonly dnsRefreshRate?: string;
  readonly defaultConfig?: ProxyDefaults;
  readonly meshNetworks?: MeshNetworks;
  readonly pathNormalization?: {
    readonly normalization?: "DEFAULT" | "NONE" | "BASE" | "MERGE_SLASHES" | "DECODE_AND_MERGE_SLASHES";
  };
}
