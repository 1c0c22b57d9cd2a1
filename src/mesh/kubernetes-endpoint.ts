import type { IpFamily, MeshObject } from "../model/index.ts";
import { serviceFamilies } from "./ip-family.ts";
import { noLabels, speaksMeshMtls } from "./labels.ts";
import { nowhere, podLocality } from "./locality.ts";
import type { Workload } from "./snapshot-types.ts";
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
  const families = serviceFamilies(spec, slices);
  const [primary = [], ...others] = families.map((family) => endpointsOfFamily(family, slices, workloads));
  const endpoints = others.reduce(joinFamilies, primary);
  for (const workload of selectedWorkloads(workloads, spec.selector)) {
    const selected = workload.object;
    if (selected.kind === "WorkloadEntry") endpoints.push(...workloadEntryEndpoint(service, workload, selected));
    else if (slices.length === 0) endpoints.push(...podEndpoint(service, workload, selected, families));
  }
  if (!spec.publishNotReadyAddresses) return endpoints;
  return endpoints.map((endpoint) => (endpoint.healthy ? endpoint : Object.freeze({ ...endpoint, healthy: true })));
}

function endpointsOfFamily(family: IpFamily, slices: readonly Slice[], workloads: NamespaceWorkloads): Endpoint[] {
  return slices.filter(({ spec }) => spec.addressType === family).flatMap((slice) => sliceEndpoints(slice, workloads));
}

/**
 * A dual-stack service has each pod twice, once for each family: one endpoint with two addresses. What is no pod's cannot be told to be
 * the same, and stays an endpoint of its own.
 */
function joinFamilies(primary: Endpoint[], secondary: readonly Endpoint[]): Endpoint[] {
  const others = new Map(secondary.map((endpoint) => [pairName(endpoint), endpoint]));
  const joined = primary.map((endpoint) => {
    const other = endpoint.workload ? others.get(pairName(endpoint)) : undefined;
    if (!other) return endpoint;
    others.delete(pairName(endpoint));
    return Object.freeze({ ...endpoint, additionalAddresses: Object.freeze([other.address]) });
  });
  const alone = secondary.filter((endpoint) => !endpoint.workload || others.has(pairName(endpoint)));
  return [...joined, ...alone];
}

function pairName({ workload, ports, healthy }: Endpoint): string {
  return `${workload}/${healthy}/${JSON.stringify(ports)}`;
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
      ...(endpoint.hostname !== undefined && { hostname: endpoint.hostname }),
      ...whereabouts(endpoint, pod),
      ...(pod?.network && { network: pod.network }),
      weight: 1,
      healthy: endpoint.ready && !endpoint.terminating,
      meshMtls: pod !== undefined && speaksMeshMtls(labels, pod.object.metadata.annotations),
    });
  });
}

/** What the pod's node says of its place, else what the slice says. */
function whereabouts(
  { zone, nodeName }: Slice["spec"]["endpoints"][number],
  pod: Workload | undefined,
): Pick<Endpoint, "locality" | "node"> {
  const isPlaced = pod !== undefined && pod.locality !== nowhere;
  const node = pod?.node ?? nodeName;
  return {
    locality: isPlaced ? pod.locality : podLocality(pod?.labels ?? noLabels, noLabels, zone),
    ...(node !== undefined && { node }),
  };
}
