import type { IDestinationRule } from "@kubernetes-models/istio/networking.istio.io/v1/DestinationRule";
import type { IServiceEntry } from "@kubernetes-models/istio/networking.istio.io/v1/ServiceEntry";
import type { ISidecar } from "@kubernetes-models/istio/networking.istio.io/v1/Sidecar";
import type { IVirtualService } from "@kubernetes-models/istio/networking.istio.io/v1/VirtualService";
import type { IWorkloadEntry } from "@kubernetes-models/istio/networking.istio.io/v1/WorkloadEntry";
import type { IPeerAuthentication } from "@kubernetes-models/istio/security.istio.io/v1/PeerAuthentication";
import type { EndpointSliceSpec, NamespaceSpec, PodSpec, ServiceSpec } from "./kubernetes/types.ts";
import type { MeshConfigSpec } from "./mesh-config/types.ts";
import type { DeepReadonly, TypedObject } from "./object.ts";

type Spec<T extends { spec?: unknown }> = DeepReadonly<NonNullable<T["spec"]>>;

export type VirtualServiceSpec = Spec<IVirtualService>;
export type DestinationRuleSpec = Spec<IDestinationRule>;
export type ServiceEntrySpec = Spec<IServiceEntry>;
export type WorkloadEntrySpec = Spec<IWorkloadEntry>;
export type PeerAuthenticationSpec = Spec<IPeerAuthentication>;
export type SidecarSpec = Spec<ISidecar>;

export type HttpRoute = NonNullable<VirtualServiceSpec["http"]>[number];
export type HttpMatch = NonNullable<HttpRoute["match"]>[number];
export type TlsRoute = NonNullable<VirtualServiceSpec["tls"]>[number];
export type TcpRoute = NonNullable<VirtualServiceSpec["tcp"]>[number];
export type TrafficPolicy = NonNullable<DestinationRuleSpec["trafficPolicy"]>;
export type Subset = NonNullable<DestinationRuleSpec["subsets"]>[number];

/** The spec of each kind we read. A new kind is one line here and one in kinds.ts. */
export interface Specs {
  VirtualService: VirtualServiceSpec;
  DestinationRule: DestinationRuleSpec;
  ServiceEntry: ServiceEntrySpec;
  WorkloadEntry: WorkloadEntrySpec;
  PeerAuthentication: PeerAuthenticationSpec;
  Sidecar: SidecarSpec;
  MeshConfig: MeshConfigSpec;
  Service: ServiceSpec;
  EndpointSlice: EndpointSliceSpec;
  Pod: PodSpec;
  Namespace: NamespaceSpec;
}

export type Kind = keyof Specs;

/** An object of a kind: `MeshObject<"Pod">`; without a kind, any of them (a union that narrows on `kind`). */
export type MeshObject<K extends Kind = Kind> = { [P in K]: TypedObject<P, Specs[P]> }[K];
