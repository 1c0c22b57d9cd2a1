import ipaddr from "ipaddr.js";
import { byCodeUnit, memo } from "../../lib/index.ts";
import type { Endpoint, EndpointSet, ServicePort, VisibleService } from "../../mesh/index.ts";

/** What listeners ask of the mesh besides the scope: the endpoints of headless services. */
export type EndpointsOf = (service: VisibleService) => EndpointSet;

/**
 * Headless services (and ServiceEntries with resolution NONE): the caller has chosen the address, so a TCP port gets a
 * listener on each address that serves it. The workload's own address is among them on purpose: a call to oneself never
 * reaches the outbound listener (iptables leaves loopback alone), and so all proxies of a scope share one set.
 */
function isHeadless({ service }: VisibleService): boolean {
  return service.resolution === "NONE" && service.addresses.length === 0;
}

/** The headless services among these, whose endpoints decide which listeners there are. */
export const headlessServices = memo((services: readonly VisibleService[]): readonly VisibleService[] =>
  services.filter(isHeadless),
);

/**
 * The addresses to listen on, sorted; undefined where the service has no such list and the wildcard must do: services with
 * another resolution, and a ServiceEntry that names no endpoint at all.
 */
export function headlessAddresses(
  visible: VisibleService,
  port: ServicePort,
  endpointsOf: EndpointsOf,
): string[] | undefined {
  if (!isHeadless(visible)) return undefined;
  const { endpoints } = endpointsOf(visible);
  const serving = endpoints
    .filter(({ ports }) => ports[port.name] !== undefined)
    .flatMap(addressesOfEndpoint)
    .filter(isIp);
  if (serving.length === 0 && visible.service.registry === "External") return visible.service.selects ? [] : undefined;
  return [...new Set(serving)].sort(byCodeUnit);
}

/** Every address of an endpoint, of both IP versions. */
export function addressesOfEndpoint({ address, additionalAddresses = [] }: Endpoint): readonly string[] {
  return [address, ...additionalAddresses];
}

function isIp(address: string): boolean {
  return ipaddr.isValid(address);
}
