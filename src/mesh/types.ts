import type {
  ConfigPatch,
  DestinationRuleSpec,
  GatewayTls,
  GatewayTopology,
  MeshObject,
  ServicePortName,
  SidecarSpec,
  TrafficPolicy,
} from "../model/index.ts";

/** Istio's protocol selection: https://istio.io/latest/docs/ops/configuration/traffic-management/protocol-selection/ */
export type Protocol =
  "HTTP" | "HTTP2" | "GRPC" | "GRPC-Web" | "HTTPS" | "TLS" | "TCP" | "MONGO" | "REDIS" | "MYSQL" | "UDP" | "AUTO";

export interface Locality {
  readonly region: string;
  readonly zone: string;
  readonly subzone: string;
}

/** A sidecar as the control plane knows it: who it is (verified) and where it runs. Equal proxies need not be the same object. */
export interface Proxy {
  readonly type: "sidecar" | "router";
  readonly name: string;
  readonly namespace: string; // of the verified identity
  readonly serviceAccount: string; // of the verified identity
  readonly addresses: readonly string[]; // its workload's addresses, first the primary
  readonly labels: Readonly<Record<string, string>>;
  readonly locality: Locality;
  readonly node?: string; // the Kubernetes node it runs on
  readonly network?: string; // undefined: nobody says, all networks are its own
  readonly metadata: Readonly<Record<string, unknown>>; // of the node; says nothing about identity
}

/** What the whole mesh is set to: MeshConfig with every default filled in. Durations as Istio writes them ("10s"). */
export interface MeshSettings {
  readonly trustDomain: string; // cluster.local
  readonly trustDomainAliases: readonly string[];
  readonly rootNamespace: string; // istio-system
  readonly domain: string; // cluster.local: the suffix of Kubernetes services
  readonly autoMtls: boolean; // true
  readonly outboundTrafficPolicy: "ALLOW_ANY" | "REGISTRY_ONLY";
  readonly connectTimeout: string; // 10s
  readonly protocolDetectionTimeout: string; // 0s: Envoy's own default
  readonly config: NonNullable<MeshObject<"MeshConfig">["spec"]>; // the rest, as written
  readonly object?: MeshObject<"MeshConfig">;
  /** Ways into networks, beside those that MeshConfig names. */
  readonly networkGateways?: readonly { readonly network: string; readonly address: string; readonly port: number }[];
}

export interface ServicePort {
  readonly name: string;
  readonly number: number;
  readonly protocol: Protocol;
  readonly targetPort?: number | string; // as written, where the service says so
}

/** https://istio.io/latest/docs/reference/config/networking/service-entry/#ServiceEntry-Resolution; a Kubernetes service is STATIC, or NONE when headless. */
export type Resolution = "STATIC" | "DNS" | "DNS_ROUND_ROBIN" | "DYNAMIC_DNS" | "NONE";

/**
 * One host of the registry, without its endpoints: it keeps its identity while only endpoints change.
 * A ServiceEntry with several hosts is several services.
 */
export interface Service {
  readonly hostname: string; // FQDN in lower case, or a wildcard such as *.example.com
  readonly namespace: string;
  readonly name: string; // of the object
  readonly registry: "Kubernetes" | "External"; // which short names it answers to
  readonly addresses: readonly string[]; // VIPs, IPs or CIDRs; empty: none
  readonly autoAddresses?: readonly string[]; // what it is called by, having none, where the proxy answers DNS; one of each IP version
  readonly ports: readonly ServicePort[];
  readonly resolution: Resolution;
  readonly headless: boolean;
  readonly meshExternal: boolean;
  readonly exportTo: readonly string[]; // never empty: the mesh default is filled in
  readonly labels: Readonly<Record<string, string>>;
  readonly subjectAltNames: readonly string[];
  readonly aliases?: readonly ServiceAlias[]; // ExternalNames of Kubernetes that lead here, by hostname; undefined: none
  readonly prefers?: "zone" | "node"; // endpoints near the client; undefined: any
  readonly selects?: true; // a ServiceEntry with a workloadSelector: it serves where workloads are, and nowhere else
  readonly object: MeshObject<"Service"> | MeshObject<"ServiceEntry">; // may be an older one that made the same service: for blame alone
}

/** Another name for a service: the FQDN of an ExternalName. */
export interface ServiceAlias {
  readonly hostname: string;
  readonly namespace: string;
}

/** One address that serves a service's ports. */
export interface Endpoint {
  readonly address: string; // IP, DNS name, or unix:// path
  readonly additionalAddresses?: readonly string[]; // the same workload's, of the other IP version
  readonly ports: Readonly<Record<string, number>>; // service port name -> port of the workload
  readonly labels: Readonly<Record<string, string>>;
  readonly serviceAccount: string; // "" where unknown
  readonly namespace: string;
  readonly workload: string; // name of the Pod or WorkloadEntry; "" for an address written in a ServiceEntry
  readonly hostname?: string; // what a pod is called under its headless service: web-0 of web-0.web.default.svc.cluster.local
  readonly locality: Locality;
  readonly node?: string; // the Kubernetes node it runs on
  readonly network?: string; // undefined: nobody says, it is in everybody's
  readonly weight: number; // 1 where not said
  readonly healthy: boolean;
  readonly meshMtls: boolean; // has a sidecar that speaks mesh mTLS (label security.istio.io/tlsMode=istio, or a known workload of the mesh)
}

/** All endpoints of one service, ready or not; the same object while nothing of them changes. */
export interface EndpointSet {
  readonly endpoints: readonly Endpoint[];
  readonly serviceAccounts: readonly string[]; // distinct SPIFFE ids, sorted; known even with no endpoint up
}

/** A DestinationRule as it applies to a service: same-host rules of one namespace merged, precedence resolved. */
export interface AppliedDestinationRule {
  readonly trafficPolicy?: TrafficPolicy;
  readonly subsets: NonNullable<DestinationRuleSpec["subsets"]>;
  readonly selects?: true; // it has a workloadSelector: it is for some workloads of its own namespace
  readonly objects: readonly MeshObject<"DestinationRule">[]; // what it was made of, for blame
}

export type MtlsMode = "STRICT" | "PERMISSIVE" | "DISABLE";

/** One service as the proxies of a scope see it, without its endpoints. The same object in every scope that sees the same. */
export interface VisibleService {
  readonly service: Service;
  readonly rule?: AppliedDestinationRule;
  /** What the servers accept, from namespace and mesh PeerAuthentication only, as Istio infers it for auto mTLS. By service port number. */
  readonly mtls: Readonly<Record<number, MtlsMode>>;
  /** SPIFFE ids (without trust-domain aliases) that its endpoints run as; empty: unknown, do not check. */
  readonly serviceAccounts: readonly string[];
}

/** What all proxies with the same sight share: one frozen object for all of them. */
export interface Scope {
  readonly namespace: string;
  readonly settings: MeshSettings;
  readonly services: readonly VisibleService[]; // sorted by hostname; one for each hostname
  /** By hostname, wildcards and aliases too. */
  readonly byHostname: ReadonlyMap<string, VisibleService>;
  readonly virtualServices: readonly ScopedVirtualService[]; // in Istio's order of precedence
  readonly sidecar?: MeshObject<"Sidecar">;
  readonly outboundTrafficPolicy: "ALLOW_ANY" | "REGISTRY_ONLY";
  /** Where traffic goes that no service claims, in place of where it was sent. Its cluster is there. */
  readonly egressProxy?: EgressProxy;
  /** Where the Sidecar has listeners of its own: what each of them leads to. What is of the scope itself is all of it together. */
  readonly egress?: readonly EgressPart[];
  /** Of a part: all services of its scope, for rules may send to them; they cannot be asked for. */
  readonly destinations?: ReadonlyMap<string, VisibleService>;
}

/** https://istio.io/latest/docs/reference/config/networking/sidecar/#OutboundTrafficPolicy */
export interface EgressProxy {
  readonly host: string;
  readonly port: number;
  readonly subset: string; // "" for none
}

/** What one egress listener of a Sidecar leads to: a scope with the services and rules that it imports, and no others. */
export interface EgressPart {
  readonly listener: EgressListener;
  readonly scope: Scope;
}

/** Where an egress listener listens. https://istio.io/latest/docs/reference/config/networking/sidecar/#IstioEgressListener */
export interface EgressListener {
  readonly port?: ServicePort; // with the listener's own protocol; number 0 for a socket; none: the ports of the services
  readonly allPorts: boolean; // a socket or HTTP proxy: a request's Host names the port
  readonly bind: string; // IP address or unix://path; "": the addresses of the services, or the loopback where really bound
  readonly bound: boolean; // the workload connects to it; else iptables leads there what the workload sends
}

/** A VirtualService with hosts and destinations as FQDNs, and without the rules that no proxy of the scope can match (gateways, sourceLabels, sourceNamespace). */
export interface ScopedVirtualService {
  readonly object: MeshObject<"VirtualService">;
  readonly hosts: readonly string[];
  /** Rules of http[], tls[] and tcp[] that apply, with their index in the object for blame. */
  readonly http: readonly ScopedRule<"http">[];
  readonly tls: readonly ScopedRule<"tls">[];
  readonly tcp: readonly ScopedRule<"tcp">[];
}

export interface ScopedRule<P extends "http" | "tls" | "tcp"> {
  readonly index: number;
  readonly rule: NonNullable<MeshObject<"VirtualService">["spec"][P]>[number];
}

/** One port on which a workload is served. */
export interface InboundPort {
  readonly port: number; // of the workload
  readonly protocol: Protocol;
  readonly mtls: MtlsMode; // from workload, namespace and mesh PeerAuthentication
  readonly service: Service; // the first by name where several share the port
  readonly servicePort: ServicePort;
  readonly listener?: IngressListener; // where a Sidecar says so
}

/** Where and how an ingress listener of a Sidecar is called. https://istio.io/latest/docs/reference/config/networking/sidecar/#IstioIngressListener */
export interface IngressListener {
  readonly bind: string; // IP address; "": all of them, or the workload's own where really bound
  readonly bound: boolean; // callers connect to it; else iptables leads to virtualInbound
  readonly tls?: ServerTls; // in place of the mesh's, where its mode is DISABLE
}

/** TLS that a listener ends with certificates that are not the mesh's. */
export interface ServerTls {
  readonly tls?: GatewayTls;
  readonly certificates: readonly string[]; // SDS names
  readonly roots: string; // SDS name of those who may sign clients' certificates; "" for none
}

/** A RateLimit that is for a workload: the same object for all of them. */
export interface AppliedRateLimit {
  readonly object: MeshObject<"RateLimit">;
  /** Who counts, by its full name, where it is not each proxy for itself. */
  readonly service?: ServicePortName;
}

/** What is particular to one workload. */
export interface Inbound {
  readonly ports: readonly InboundPort[]; // sorted by port
  readonly mtls: MtlsMode; // for ports that no service names
  readonly portMtls: Readonly<Record<number, MtlsMode>>; // portLevelMtls of ports that no service names
  readonly peerAuthentications: readonly MeshObject<"PeerAuthentication">[]; // what decided, for blame
  readonly rateLimits: readonly AppliedRateLimit[]; // in the order in which they are asked; of a gateway too
  readonly sidecar?: SidecarSpec;
  /** What the TLS of the Sidecar's listeners needs: files of the workload's machine. */
  readonly credentials: readonly Credential[];
}

/** What a proxy of type router serves: the servers of the Gateways that select it, merged by port as Istio merges them. */
export interface GatewayView {
  readonly listeners: readonly GatewayListener[]; // sorted by port, then by bind
  readonly topology?: GatewayTopology; // what stands before it
  /** What its servers' TLS needs beside the mesh's own certificates, by SDS name; only secrets that this proxy may have. */
  readonly credentials: readonly Credential[];
}

/** The servers that share one port of the proxy: all of plain HTTP, or all of TLS, or a single one of plain TCP. */
export interface GatewayListener {
  readonly port: number; // on which the proxy listens
  readonly bind: string; // IP address or unix://path; empty: all addresses
  readonly servers: readonly GatewayServer[];
}

/** One server of a Gateway. */
export interface GatewayServer extends ServerTls {
  readonly object: MeshObject<"Gateway">;
  readonly index: number; // in spec.servers, for blame
  readonly port: number; // as the Gateway says, which VirtualServices match and redirects name
  readonly portName: string;
  readonly protocol: Protocol;
  readonly hosts: readonly string[]; // without their namespaces
  readonly bound: readonly BoundVirtualService[]; // in Istio's order of precedence
}

/** A VirtualService that names the server's Gateway, and the hosts that both have, the narrower of each pair. */
export interface BoundVirtualService {
  readonly virtualService: ScopedVirtualService;
  readonly hosts: readonly string[];
}

/** A secret by its SDS name: a key pair or roots, from a Secret object, or from files on the proxy's machine. */
export type Credential = { readonly name: string } & (
  | { readonly part: "keyPair" | "roots"; readonly secret: MeshObject<"Secret"> }
  | { readonly part: "keyPair"; readonly files: { readonly certificate: string; readonly privateKey: string } }
  | { readonly part: "roots"; readonly files: { readonly roots: string; readonly crl?: string } }
);

/** Everything a translator may know about one proxy. Adding a field needs a line in mesh/README.md. */
export interface ProxyView {
  readonly proxy: Proxy;
  readonly scope: Scope;
  readonly inbound: Inbound;
  /** Only of a proxy of type router, which has neither outbound listeners nor inbound ones. */
  readonly gateway?: GatewayView;
  /** Endpoints of a service of the scope; the same object while unchanged. */
  readonly endpoints: (service: VisibleService) => EndpointSet;
  /** What the `credentialName`s of DestinationRules mean for it, by SDS name; only secrets that this proxy may have. */
  readonly credentials: readonly Credential[];
  /** It is to get clusters when a request first needs them. */
  readonly onDemandClusters: boolean;
  /** What EnvoyFilters change for it, in the order in which they do. */
  readonly envoyPatches: readonly EnvoyPatch[];
}

/** One entry of an EnvoyFilter's `configPatches`: the same object for all proxies that it is for. */
export interface EnvoyPatch {
  readonly object: MeshObject<"EnvoyFilter">;
  readonly index: number; // in configPatches, for blame
  readonly patch: ConfigPatch;
}
