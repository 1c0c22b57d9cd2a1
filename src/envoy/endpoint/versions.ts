import { memo } from "../../lib/index.ts";
import type { Endpoint, EndpointSet } from "../../mesh/index.ts";
import { isV6, speaks, type Families } from "../listener/families.ts";
import { isIpAddress } from "./address.ts";

/** Whether endpoints of a set differ by IP version, so that what a client is given depends on those that it speaks. */
export const hasBothVersions = memo(({ endpoints }: EndpointSet): boolean => {
  const addresses = endpoints.flatMap(addressesOf).filter(isIpAddress);
  return addresses.some(isV6) && !addresses.every(isV6);
});

/**
 * The endpoints as a client reaches them: the addresses of the IP versions that it speaks, the first of which is asked first. What has
 * none of them is left out. https://www.envoyproxy.io/docs/envoy/v1.40.0/intro/arch_overview/upstream/connection_pooling#happy-eyeballs-support
 */
export function endpointsSpoken(endpoints: readonly Endpoint[], families: Families | undefined): readonly Endpoint[] {
  if (!families || (families.v4 && families.v6)) return endpoints;
  return endpoints.flatMap((endpoint) => {
    const all = addressesOf(endpoint);
    const [address, ...additionalAddresses] = all.filter((text) => !isIpAddress(text) || speaks(families, text));
    if (address === undefined) return [];
    return all.length === additionalAddresses.length + 1 ? endpoint : { ...endpoint, address, additionalAddresses };
  });
}

function addressesOf({ address, additionalAddresses = [] }: Endpoint): readonly string[] {
  return [address, ...additionalAddresses];
}
