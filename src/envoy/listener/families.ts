import { Address } from "../../../generated/envoy/config/core/v3/address.ts";
import type { AdditionalAddress } from "../../../generated/envoy/config/listener/v3/listener.ts";
import type { Proxy } from "../../mesh/index.ts";

/**
 * The IP versions a workload speaks, and whether its proxy answers its DNS. Envoy refuses an IPv6 address on a machine without
 * IPv6, so a proxy is given only the versions of its own addresses. There are six of these objects: compare and memoize by identity.
 */
export interface Families {
  readonly wildcards: readonly [string, ...string[]];
  readonly v4: boolean;
  readonly v6: boolean;
  readonly dns: boolean;
}

type Kind = "v4Only" | "v6Only" | "dual";

const kindsOf = (dns: boolean): Readonly<Record<Kind, Families>> => ({
  v4Only: Object.freeze({ wildcards: ["0.0.0.0"] as const, v4: true, v6: false, dns }),
  v6Only: Object.freeze({ wildcards: ["::"] as const, v4: false, v6: true, dns }),
  dual: Object.freeze({ wildcards: ["0.0.0.0", "::"] as const, v4: true, v6: true, dns }),
});
const plain = kindsOf(false);
const answering = kindsOf(true);

/** The families of a proxy's addresses; IPv4 where it has none. DNS where it says so, with the word of Istio's agent. */
export function familiesFor(proxy: Proxy): Families {
  const v6 = proxy.addresses.some(isV6);
  const v4 = proxy.addresses.some((address) => !isV6(address));
  const kinds = proxy.type === "sidecar" && proxy.metadata["DNS_CAPTURE"] === "true" ? answering : plain;
  if (!v6) return kinds.v4Only;
  return v4 ? kinds.dual : kinds.v6Only;
}

/** Whether an IP address or CIDR text is of version 6. */
export function isV6(address: string): boolean {
  return address.includes(":");
}

export function speaks(families: Families, address: string): boolean {
  return isV6(address) ? families.v6 : families.v4;
}

export function socketAddress(address: string, port: number): Address {
  return Address.fromPartial({ socketAddress: { address, portValue: port } });
}

const socket = "unix://";

/**
 * The address of a listener: an IP address and port, or `unix://path`. Whoever sees the socket may connect to it, for the app is another user
 * than the proxy; a name in the abstract namespace has no mode.
 */
export function listenAddress(bind: string, port: number, mode = 0): Address {
  if (!bind.startsWith(socket)) return socketAddress(bind, port);
  const path = bind.slice(socket.length);
  return Address.fromPartial({ pipe: { path, mode: path.startsWith("@") ? 0 : mode } });
}

/** The loopback addresses of the versions that the workload speaks. */
export function loopbacks({ v4, v6 }: Families): readonly [string, ...string[]] {
  if (!v4) return ["::1"];
  return v6 ? ["127.0.0.1", "::1"] : ["127.0.0.1"];
}

/** The wildcard addresses after the first. */
export function additionalAddresses(families: Families, port: number): AdditionalAddress[] {
  return families.wildcards.slice(1).map((wildcard) => ({ address: socketAddress(wildcard, port) }));
}
