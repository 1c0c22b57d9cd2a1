import type { MeshObject } from "../model/index.ts";
import type { EndpointSet, Locality, MeshSettings, Service } from "./types.ts";

/** The whole mesh at one moment: immutable. Build the next one from the objects and this one, so that equal parts stay the same objects. */
export interface Snapshot {
  readonly settings: MeshSettings;
  readonly services: readonly Service[];
  readonly endpoints: ReadonlyMap<Service, EndpointSet>;
  readonly workloads: ReadonlyMap<string, Workload>; // by name.namespace
  readonly virtualServices: readonly MeshObject<"VirtualService">[];
  readonly destinationRules: readonly MeshObject<"DestinationRule">[];
  readonly peerAuthentications: readonly MeshObject<"PeerAuthentication">[];
  readonly rateLimits: readonly MeshObject<"RateLimit">[];
  readonly sidecars: readonly MeshObject<"Sidecar">[];
  readonly envoyFilters: readonly MeshObject<"EnvoyFilter">[];
  readonly gateways: readonly MeshObject<"Gateway">[];
  readonly secrets: readonly MeshObject<"Secret">[]; // of gateways; their keys are shown to nobody by accident
  readonly namespaces: readonly MeshObject<"Namespace">[];
}

/** A Pod or WorkloadEntry: who may call itself so, and what it is. */
export interface Workload {
  readonly name: string;
  readonly namespace: string;
  readonly serviceAccount: string;
  readonly addresses: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly locality: Locality;
  readonly node?: string; // the Kubernetes node it runs on
  readonly network?: string;
  readonly object: MeshObject<"Pod"> | MeshObject<"WorkloadEntry">;
}
