import { Cluster } from "../../../generated/envoy/config/cluster/v3/cluster.ts";
import { Any } from "../../../generated/google/protobuf/any.ts";
import type {
  AppliedDestinationRule,
  Endpoint,
  EndpointSet,
  Inbound,
  MeshSettings,
  Proxy,
  ProxyView,
  Scope,
  Service,
  ServicePort,
  VisibleService,
} from "../../mesh/index.ts";
import type { DestinationRuleSpec, Kind, MeshObject, Specs } from "../../model/index.ts";
import type { ResourceMap } from "../resource.ts";
import { outboundClusters } from "./index.ts";

/** Hand-made parts of a mesh for tests of clusters and endpoints: what is not given is the most ordinary thing. */

export const nowhere = { region: "", zone: "", subzone: "" };

function objectOf<K extends Kind>(kind: K, name: string, spec: Specs[K]): MeshObject<K> {
  return {
    kind,
    apiVersion: "v1",
    metadata: { name, namespace: "default", labels: {}, annotations: {} },
    spec,
    origin: { file: `${name}.yaml`, at: () => ({ file: `${name}.yaml`, line: 1, column: 1 }) },
  };
}

export const settings: MeshSettings = {
  trustDomain: "cluster.local",
  trustDomainAliases: [],
  rootNamespace: "istio-system",
  domain: "cluster.local",
  autoMtls: true,
  outboundTrafficPolicy: "ALLOW_ANY",
  connectTimeout: "10s",
  protocolDetectionTimeout: "0s",
  config: {},
};

export const http: ServicePort = { name: "http", number: 80, protocol: "HTTP", targetPort: 8080 };

export function serviceOf(over: Partial<Service> = {}): Service {
  const spec: Specs["ServiceEntry"] = { hosts: ["reviews.default.svc.cluster.local"] };
  return {
    hostname: "reviews.default.svc.cluster.local",
    namespace: "default",
    name: "reviews",
    registry: "Kubernetes",
    addresses: ["10.0.0.1"],
    ports: [http],
    resolution: "STATIC",
    headless: false,
    meshExternal: false,
    exportTo: ["*"],
    labels: {},
    subjectAltNames: [],
    object: objectOf("ServiceEntry", "reviews", spec),
    ...over,
  };
}

/** A DestinationRule for reviews, as it would be applied. */
export function ruleOf(spec: Omit<DestinationRuleSpec, "host">): AppliedDestinationRule {
  return {
    ...(spec.trafficPolicy && { trafficPolicy: spec.trafficPolicy }),
    subsets: spec.subsets ?? [],
    objects: [objectOf("DestinationRule", "reviews-rule", { host: "reviews", ...spec })],
  };
}

export function visibleOf(rule?: Omit<DestinationRuleSpec, "host">, service: Service = serviceOf()): VisibleService {
  return {
    service,
    ...(rule && { rule: ruleOf(rule) }),
    mtls: Object.fromEntries(service.ports.map(({ number }) => [number, "PERMISSIVE"])),
    serviceAccounts: ["spiffe://cluster.local/ns/default/sa/reviews"],
  };
}

export function endpointOf(address: string, over: Partial<Endpoint> = {}): Endpoint {
  return {
    address,
    ports: { http: 8080 },
    labels: {},
    serviceAccount: "reviews",
    namespace: "default",
    workload: "",
    locality: nowhere,
    weight: 1,
    healthy: true,
    meshMtls: false,
    ...over,
  };
}

export function setOf(...endpoints: Endpoint[]): EndpointSet {
  return { endpoints, serviceAccounts: [] };
}

export interface ViewParts {
  readonly proxy?: Partial<Proxy>;
  readonly settings?: MeshSettings;
  readonly inbound?: Partial<Inbound>;
  /** Of all services. */
  readonly endpoints?: EndpointSet | ProxyView["endpoints"];
}

const none = setOf();

export function viewOf(services: readonly VisibleService[], parts: ViewParts = {}): ProxyView {
  const { endpoints = none } = parts;
  const scope: Scope = {
    namespace: "default",
    settings: parts.settings ?? settings,
    services,
    byHostname: new Map(services.map((visible) => [visible.service.hostname, visible])),
    virtualServices: [],
    outboundTrafficPolicy: "ALLOW_ANY",
  };
  const proxy: Proxy = {
    type: "sidecar",
    name: "client",
    namespace: "default",
    serviceAccount: "client",
    addresses: ["10.1.0.1"],
    labels: {},
    locality: nowhere,
    metadata: {},
    ...parts.proxy,
  };
  const nothing = { ports: [], portMtls: {}, peerAuthentications: [], credentials: [], rateLimits: [] };
  const inbound: Inbound = { mtls: "PERMISSIVE", ...nothing, ...parts.inbound };
  const endpointsOf = typeof endpoints === "function" ? endpoints : () => endpoints;
  return { proxy, scope, inbound, endpoints: endpointsOf, credentials: [], onDemandClusters: false, envoyPatches: [] };
}

/** A resource of a map, decoded, as proto JSON. */
export function jsonOf<M>(
  codec: { decode(bytes: Uint8Array): M; toJSON(message: M): unknown },
  map: ResourceMap,
  name: string,
): unknown {
  return codec.toJSON(messageOf(codec, map, name));
}

export function messageOf<M>(codec: { decode(bytes: Uint8Array): M }, map: ResourceMap, name: string): M {
  const resource = map.get(name);
  if (!resource) throw new Error(`no ${name} among ${[...map.keys()].join(", ")}`);
  return codec.decode(Any.decode(resource.bytes).value);
}

/** The only outbound cluster of reviews on port 80 under a policy, as proto JSON. */
export function clusterUnder(policy: DestinationRuleSpec["trafficPolicy"], parts: ViewParts = {}, service?: Service) {
  const visible = visibleOf(policy ? { trafficPolicy: policy } : undefined, service);
  const name = `outbound|${visible.service.ports[0]?.number}||${visible.service.hostname}`;
  return jsonOf(Cluster, outboundClusters(viewOf([visible], parts)), name) as Record<string, unknown>;
}
