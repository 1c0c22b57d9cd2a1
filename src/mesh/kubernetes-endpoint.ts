import type { MeshObject } from "../model/index.ts";
import { noLabels, speaksMeshMtls } from "./labels.ts";
import { nowhere, podLocality } from "./locality.ts";
import type { Endpoint, Service } from "./types.ts";
import { podsByName, selectedWorkloads, type NamespaceWorkloads } from "./workload.ts";
import { podEndpoint, workloadEntryEndpoint } from "./workload-endpoint.ts";

type Slice = MeshObject<"EndpointSlice">;

/**
 * The endpoints of a Kubernetes service: those of its EndpointSlices; where there is none, the pods that its selector selects, as
 * Kubernetes' endpoint controller would write them. WorkloadEntries that the selector selects count in both cases.
 */
export function kubernetesEndpoints(
  service: Service,
  object: MeshObject<"Service">,
  slices: readonly Slice[],
  workloads: NamespaceWorkloads,
): Endpoint[] {
  const { spec } = object;
  if (spec.type === "ExternalName") return spec.externalName ? [externalName(service, spec.externalName)] : [];
  const endpoints = slicesOfOneFamily(service, slices).flatMap((slice) => sliceEndpoints(slice, workloads));
  for (const workload of selectedWorkloads(workloads, spec.selector)) {
    const selected = workload.object;
    if (selected.kind === "WorkloadEntry") endpoints.push(...workloadEntryEndpoint(service, workload, selected));
    else if (slices.length === 0) endpoints.push(...podEndpoint(service, workload, selected));
  }
  if (!spec.publishNotReadyAddresses) return endpoints;
  return endpoints.map((endpoint) => (endpoint.healthy ? endpoint : Object.freeze({ ...endpoint, healthy: true })));
}

function externalName(service: Service, address: string): Endpoint {
  return Object.freeze({
    address: address.toLowerCase().replace(/\.$/, ""),
    ports: Object.freeze(Object.fromEntries(service.ports.map((port) => [port.name, port.number]))),
    labels: {},
    serviceAccount: "",
    namespace: service.namespace,
    workload: "",
    locality: podLocality({}),
    weight: 1,
    healthy: true,
    meshMtls: false,
  });
}

/** A dual-stack service has its pods twice, once for each family: take the family of its first address. */
function slicesOfOneFamily(service: Service, slices: readonly Slice[]): readonly Slice[] {
  const [address] = service.addresses;
  const hasIPv4 = slices.some((slice) => slice.spec.addressType === "IPv4");
  const wanted = (address ? !address.includes(":") : hasIPv4) ? "IPv4" : "IPv6";
  return slices.filter((slice) => slice.spec.addressType === wanted);
}

function sliceEndpoints(slice: Slice, workloads: NamespaceWorkloads): Endpoint[] {
  const { namespace } = slice.metadata;
  const ports = Object.freeze(Object.fromEntries(slice.spec.ports.map((port) => [port.name, port.port])));
  return slice.spec.endpoints.flatMap((endpoint) => {
    const [address] = endpoint.addresses; // further ones are aliases
    if (!address) return [];
    const pod = endpoint.podName === undefined ? undefined : podsByName(workloads).get(endpoint.podName);
    // Until the pod itself is known, or when the address is another's by now, nobody knows who would answer (FAULTS F39).
    if (endpoint.podName !== undefined && !pod?.addresses.includes(address)) return [];
    const labels = pod?.labels ?? {};
    return Object.freeze({
      address,
      ports,
      labels,
      serviceAccount: pod?.serviceAccount ?? "",
      namespace,
      workload: pod?.name ?? endpoint.podName ?? "",
      locality: pod && pod.locality !== nowhere ? pod.locality : podLocality(labels, noLabels, endpoint.zone),
      weight: 1,
      healthy: endpoint.ready && !endpoint.terminating,
      meshMtls: pod !== undefined && speaksMeshMtls(labels, pod.object.metadata.annotations),
    });
  });
}
