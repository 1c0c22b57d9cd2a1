import type { DestinationRuleSpec } from "../../generated/istio/destination-rule.ts";
import type { EnvoyFilterSpec } from "../../generated/istio/envoy-filter.ts";
import type { GatewaySpec } from "../../generated/istio/gateway.ts";
import type { PeerAuthenticationSpec } from "../../generated/istio/peer-authentication.ts";
import type { RateLimitSpec } from "../../generated/istio/rate-limit.ts";
import type { ProxyConfigSpec } from "../../generated/istio/proxy-config.ts";
import type { ServiceEntrySpec } from "../../generated/istio/service-entry.ts";
import type { SidecarSpec } from "../../generated/istio/sidecar.ts";
import type { VirtualServiceSpec } from "../../generated/istio/virtual-service.ts";
import type { WorkloadGroupSpec } from "../../generated/istio/workload-group.ts";
import type { EndpointSliceSpec, NamespaceSpec, NodeSpec, PodSpec, ServiceSpec } from "./kubernetes/types.ts";
import type { MeshConfigSpec } from "./mesh-config/types.ts";
import type { TypedObject } from "./object.ts";
import type { SecretSpec } from "./secret/types.ts";
import type { WorkloadEntrySpec } from "./workload-entry/types.ts";

export type {
  DestinationRuleSpec,
  EnvoyFilterSpec,
  GatewaySpec,
  PeerAuthenticationSpec,
  RateLimitSpec,
  ServiceEntrySpec,
  SidecarSpec,
  VirtualServiceSpec,
  WorkloadEntrySpec,
  WorkloadGroupSpec,
};

export type HttpRoute = NonNullable<VirtualServiceSpec["http"]>[number];
export type HttpMatch = NonNullable<HttpRoute["match"]>[number];
export type TlsRoute = NonNullable<VirtualServiceSpec["tls"]>[number];
export type TcpRoute = NonNullable<VirtualServiceSpec["tcp"]>[number];
export type GatewayServerSpec = NonNullable<GatewaySpec["servers"]>[number];
export type GatewayTls = NonNullable<GatewayServerSpec["tls"]>;
export type TrafficPolicy = NonNullable<DestinationRuleSpec["trafficPolicy"]>;
export type RateLimitRule = RateLimitSpec["rules"][number];
export type Subset = NonNullable<DestinationRuleSpec["subsets"]>[number];

/** The spec of each kind we read. A new kind is one line here and one in kinds.ts. */
export interface Specs {
  VirtualService: VirtualServiceSpec;
  DestinationRule: DestinationRuleSpec;
  ServiceEntry: ServiceEntrySpec;
  WorkloadEntry: WorkloadEntrySpec;
  WorkloadGroup: WorkloadGroupSpec;
  EnvoyFilter: EnvoyFilterSpec;
  PeerAuthentication: PeerAuthenticationSpec;
  RateLimit: RateLimitSpec;
  Gateway: GatewaySpec;
  Sidecar: SidecarSpec;
  ProxyConfig: ProxyConfigSpec;
  MeshConfig: MeshConfigSpec;
  Service: ServiceSpec;
  EndpointSlice: EndpointSliceSpec;
  Pod: PodSpec;
  Namespace: NamespaceSpec;
  Node: NodeSpec;
  Secret: SecretSpec;
}

export type Kind = keyof Specs;

/** An object of a kind: `MeshObject<"Pod">`; without a kind, any of them (a union that narrows on `kind`). */
export type MeshObject<K extends Kind = Kind> = { [P in K]: TypedObject<P, Specs[P]> }[K];
