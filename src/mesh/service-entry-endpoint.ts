import type { MeshObject } from "../model/index.ts";
import { isWildcard } from "./host.ts";
import { entrySpeaksMeshMtls, noLabels } from "./labels.ts";
import { networkOf } from "./network.ts";
import { nowhere, parseLocality } from "./locality.ts";
import type { Endpoint, Service } from "./types.ts";
import { podEndpoint, portsFor, workloadEntryEndpoint } from "./workload-endpoint.ts";
import { selectedWorkloads, type NamespaceWorkloads } from "./workload.ts";

type Inline = NonNullable<MeshObject<"ServiceEntry">["spec"]["endpoints"]>[number];

/**
 * The endpoints of one host of a ServiceEntry: written in it, or selected workloads of its namespace, or (DNS without any) the host itself.
 * https://istio.io/latest/docs/reference/config/networking/service-entry/#ServiceEntry
 */
export function serviceEntryEndpoints(
  service: Service,
  { spec }: MeshObject<"ServiceEntry">,
  workloads: NamespaceWorkloads,
): Endpoint[] {
  if (spec.workloadSelector) {
    return selectedWorkloads(workloads, spec.workloadSelector.labels).flatMap((workload) =>
      workload.object.kind === "Pod"
        ? podEndpoint(service, workload, workload.object)
        : workloadEntryEndpoint(service, workload, workload.object),
    );
  }
  if (spec.endpoints?.length) return spec.endpoints.flatMap((endpoint) => inlineEndpoint(service, endpoint));
  const isName = service.resolution === "DNS" || service.resolution === "DNS_ROUND_ROBIN";
  return isName && !isWildcard(service.hostname) ? inlineEndpoint(service, { address: service.hostname }) : [];
}

function inlineEndpoint(service: Service, endpoint: Inline): Endpoint[] {
  const { address, ports: written = {}, weight = 1, serviceAccount = "" } = endpoint;
  if (!address) return [];
  const labels = endpoint.labels ?? noLabels;
  const ports = portsFor(service, ({ name, number, targetPort }) => {
    if (Object.hasOwn(written, name)) return written[name];
    return typeof targetPort === "number" ? targetPort : number;
  });
  const network = networkOf(labels, endpoint.network);
  return [
    Object.freeze({
      address,
      ports: ports ?? {},
      labels,
      serviceAccount,
      namespace: service.namespace,
      workload: "",
      locality: endpoint.locality ? parseLocality(endpoint.locality) : nowhere,
      ...(network && { network }),
      weight,
      healthy: true,
      meshMtls: entrySpeaksMeshMtls(labels, serviceAccount),
    }),
  ];
}
