import type { IpFamily, MeshObject } from "../model/index.ts";

/** The IP version of an address that is one; a DNS name or a path counts as IPv4. */
export function familyOf(address: string): IpFamily {
  return address.includes(":") && !address.startsWith("unix://") ? "IPv6" : "IPv4";
}

/**
 * The IP versions a Kubernetes service is served in, first the primary: those of its own addresses, else (headless) what it says, else
 * those its EndpointSlices have, IPv4 before IPv6. Empty: nobody says so, its pods decide.
 * https://kubernetes.io/docs/concepts/services-networking/dual-stack/#services
 */
export function serviceFamilies(
  { clusterIPs, ipFamilies }: MeshObject<"Service">["spec"],
  slices: readonly MeshObject<"EndpointSlice">[],
): readonly IpFamily[] {
  if (clusterIPs.length > 0) return [...new Set(clusterIPs.map(familyOf))];
  if (ipFamilies.length > 0) return ipFamilies;
  const types = new Set(slices.map(({ spec }) => spec.addressType));
  return both.filter((family) => types.has(family)).slice(0, 1);
}

const both: readonly IpFamily[] = Object.freeze(["IPv4", "IPv6"]);

/** One address of each of these versions, in their order; without any, of each version there is, in the order of the addresses. */
export function addressesIn(families: readonly IpFamily[], addresses: readonly string[]): readonly string[] {
  const order = families.length > 0 ? families : [...new Set(addresses.map(familyOf))];
  return order.flatMap((family) => addresses.find((address) => familyOf(address) === family) ?? []);
}
