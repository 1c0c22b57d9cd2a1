/** The fields of Kubernetes objects that a mesh needs; all others are ignored, as the API server has checked them. */

/** https://kubernetes.io/docs/concepts/services-networking/dual-stack/ */
export type IpFamily = "IPv4" | "IPv6";

/** https://kubernetes.io/docs/reference/kubernetes-api/service-resources/service-v1/ */
export interface ServiceSpec {
  readonly type: "ClusterIP" | "NodePort" | "LoadBalancer" | "ExternalName";
  readonly clusterIPs: readonly string[]; // empty: headless or ExternalName
  readonly ipFamilies: readonly IpFamily[]; // as written, first the primary; empty: as the cluster's pods are
  readonly headless: boolean;
  readonly externalName?: string;
  readonly ports: readonly ServicePortSpec[];
  readonly selector?: Readonly<Record<string, string>>; // undefined: endpoints are written by hand
  readonly publishNotReadyAddresses: boolean;
  readonly trafficDistribution?: string; // as written
  /** Where a network's gateways are called from outside: IPs alone, and of Services with a network's label alone. */
  readonly externalAddresses?: readonly string[];
}

export interface ServicePortSpec {
  readonly name: string; // "" where the only port has none
  readonly port: number;
  readonly targetPort: number | string; // defaults to port
  readonly protocol: "TCP" | "UDP" | "SCTP";
  readonly appProtocol?: string;
}

/** https://kubernetes.io/docs/reference/kubernetes-api/service-resources/endpoint-slice-v1/ */
export interface EndpointSliceSpec {
  readonly serviceName: string; // label kubernetes.io/service-name; "" where there is none
  readonly addressType: IpFamily | "FQDN";
  readonly ports: readonly { readonly name: string; readonly port: number; readonly protocol: string }[];
  readonly endpoints: readonly {
    readonly addresses: readonly string[];
    readonly ready: boolean; // conditions.ready, which defaults to true
    readonly serving: boolean;
    readonly terminating: boolean;
    readonly podName?: string; // targetRef of kind Pod
    readonly hostname?: string; // what it is called under the service
    readonly nodeName?: string;
    readonly zone?: string;
  }[];
}

/** https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/ */
export interface PodSpec {
  readonly serviceAccountName: string; // defaults to "default"
  readonly nodeName?: string;
  /** What it is called under the headless service `subdomain`: both, as a StatefulSet sets them, or neither. */
  readonly hostname?: string;
  readonly subdomain?: string;
  readonly hostNetwork: boolean;
  readonly runAsUser?: number; // securityContext: of containers that name none
  readonly podIPs: readonly string[]; // status.podIPs, else status.podIP
  readonly ready: boolean; // status.conditions Ready; true where the file has no status conditions
  readonly terminated: boolean; // phase Succeeded or Failed
  readonly containerPorts: readonly { readonly name: string; readonly port: number; readonly protocol: string }[];
  readonly containers: readonly ContainerSpec[]; // `heddle up` runs them as processes
  readonly endedContainers?: readonly string[]; // of status.containerStatuses: those that have ended and are not started again
}

export interface ContainerSpec {
  readonly name: string;
  readonly command: readonly string[]; // command, then args
  readonly env: Readonly<Record<string, string>>; // only literal values
  readonly workingDir?: string;
  readonly runAsUser?: number; // securityContext
}

/** Where a node is stands in its labels: https://kubernetes.io/docs/reference/labels-annotations-taints/#topologykubernetesioregion */
export type NodeSpec = Readonly<Record<string, never>>;

/** A namespace's labels are in its metadata. */
export type NamespaceSpec = Readonly<Record<string, never>>;
