import type { IpFamily, MeshObject } from "../model/index.ts";
import { addressesIn } from "./ip-family.ts";
import { entrySpeaksMeshMtls, speaksMeshMtls } from "./labels.ts";
import type { Workload } from "./snapshot-types.ts";
import type { Endpoint, Service, ServicePort } from "./types.ts";

/** A pod as an endpoint of a service that selects it, in the service's IP versions; none while it has no address or serves none of the ports. */
export function podEndpoint(
  service: Service,
  workload: Workload,
  pod: MeshObject<"Pod">,
  families: readonly IpFamily[] = [],
): Endpoint[] {
  const [address = workload.addresses[0], ...additionalAddresses] = addressesIn(families, workload.addresses);
  const ports = portsFor(service, (port) => containerPort(port, pod));
  if (!address || !ports) return [];
  const healthy = pod.spec.ready;
  const { hostname, subdomain } = pod.spec;
  const more = {
    ...(additionalAddresses.length > 0 && { additionalAddresses: Object.freeze(additionalAddresses) }),
    ...(hostname !== undefined && subdomain === service.name && { hostname }),
  };
  return [endpointOf(workload, { address, ...more, ports, weight: 1, healthy })];
}

/** A WorkloadEntry as an endpoint of a service that selects it; where somebody asks for its health, it must be known to be well. */
export function workloadEntryEndpoint(
  service: Service,
  workload: Workload,
  entry: MeshObject<"WorkloadEntry">,
): Endpoint[] {
  const { address, ports: written = {}, weight = 1, serviceAccount = "", healthy = true } = entry.spec;
  const ports = portsFor(service, ({ name, number, targetPort = number }) => {
    if (Object.hasOwn(written, name)) return written[name];
    if (typeof targetPort === "number") return targetPort;
    return Object.hasOwn(written, targetPort) ? written[targetPort] : undefined;
  });
  if (!address || !ports) return [];
  const meshMtls = entrySpeaksMeshMtls(workload.labels, serviceAccount, entry.metadata.annotations);
  return [{ ...endpointOf(workload, { address, ports, weight, healthy }), serviceAccount, meshMtls }];
}

type Own = Pick<Endpoint, "address" | "additionalAddresses" | "hostname" | "ports" | "weight" | "healthy">;

function endpointOf(workload: Workload, own: Own): Endpoint {
  const { labels, serviceAccount, namespace, name, locality, node, network } = workload;
  return Object.freeze({
    ...own,
    labels,
    serviceAccount,
    namespace,
    workload: name,
    locality,
    ...(node !== undefined && { node }),
    ...(network && { network }),
    meshMtls: speaksMeshMtls(labels, workload.object.metadata.annotations),
  });
}

/** The workload's port behind each service port; undefined when it serves none of them. */
export function portsFor(
  service: Service,
  portOf: (port: ServicePort) => number | undefined,
): Readonly<Record<string, number>> | undefined {
  const ports = service.ports.flatMap((port) => {
    const number = portOf(port);
    return number === undefined ? [] : [[port.name, number] as const];
  });
  if (ports.length === 0 && service.ports.length > 0) return undefined;
  return Object.freeze(Object.fromEntries(ports));
}

function containerPort({ targetPort, number }: ServicePort, pod: MeshObject<"Pod">): number | undefined {
  if (typeof targetPort !== "string") return targetPort ?? number;
  return pod.spec.containerPorts.find((port) => port.name === targetPort)?.port;
}
