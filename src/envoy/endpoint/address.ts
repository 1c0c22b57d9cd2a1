import ipaddr from "ipaddr.js";
import { Address } from "../../../generated/envoy/config/core/v3/address.ts";

const unix = "unix://";

/** Whether text is an IP address in its usual form, of either version. */
export function isIpAddress(text: string): boolean {
  return ipaddr.IPv4.isValidFourPartDecimal(text) || ipaddr.IPv6.isValid(text);
}

export function isUnixPath(address: string): boolean {
  return address.startsWith(unix);
}

/** An endpoint's address as Envoy's: an IP or name with a port, or `unix://` and the path of a socket. */
export function buildAddress(address: string, port: number): Address {
  return Address.fromPartial(
    isUnixPath(address)
      ? { pipe: { path: address.slice(unix.length) } }
      : { socketAddress: { address, portValue: port } },
  );
}
