import ipaddr from "ipaddr.js";
import type { CidrRange } from "../../../generated/envoy/config/core/v3/address.ts";
import { FilterChainMatch } from "../../../generated/envoy/config/listener/v3/listener_components.ts";
import { byCodeUnit } from "../../lib/index.ts";
import { isV6 } from "./families.ts";

/** What a filter chain is picked by; an empty field matches everything. */
export interface ChainMatch {
  readonly destinationPort?: number;
  readonly sni?: readonly string[];
  readonly cidrs?: readonly string[];
  readonly alpn?: readonly string[];
  readonly transport?: "tls" | "raw_buffer";
}

/** What Envoy's http_inspector calls plaintext HTTP. */
export const plaintextHttp: readonly string[] = ["http/1.0", "http/1.1", "h2c"];

/** Whether a chain with this match takes every connection, and so must be the listener's last resort. */
export function matchesAll(match: ChainMatch): boolean {
  return matchKey(match) === matchKey({});
}

/** Equal text: Envoy would refuse the two chains in one listener. The order of names and ranges does not matter. */
export function matchKey(match: ChainMatch): string {
  return JSON.stringify([
    match.destinationPort ?? 0,
    serverNames(match),
    ranges(match),
    match.alpn ?? [],
    match.transport ?? "",
  ]);
}

/** https://www.envoyproxy.io/docs/envoy/v1.40.0/api-v3/config/listener/v3/listener_components.proto#config-listener-v3-filterchainmatch */
export function buildChainMatch(match: ChainMatch): FilterChainMatch {
  return FilterChainMatch.fromPartial({
    ...(match.destinationPort === undefined ? {} : { destinationPort: match.destinationPort }),
    prefixRanges: ranges(match),
    serverNames: serverNames(match),
    transportProtocol: match.transport ?? "",
    applicationProtocols: [...(match.alpn ?? [])],
  });
}

/** `*` among the names means any name. */
function serverNames({ sni = [] }: ChainMatch): string[] {
  if (sni.includes("*")) return [];
  return [...new Set(sni.map((name) => name.toLowerCase()))].sort(byCodeUnit);
}

/** The ranges in one writing, without repeats: `10.1.2.3/8` and `10.9.9.9/8` are one range to Envoy. */
function ranges({ cidrs = [] }: ChainMatch): CidrRange[] {
  const distinct = new Set(cidrs.flatMap((cidr) => canonicalCidr(cidr) ?? []));
  return [...distinct].sort(byCodeUnit).map((cidr) => {
    const [addressPrefix = "", length = "0"] = cidr.split("/");
    return { addressPrefix, prefixLen: Number(length) };
  });
}

/** `10.0.0.0/8` of `10.1.2.3/8`, `10.1.2.3/32` of `10.1.2.3`; undefined for the whole address space, which is no restriction, and for what is no range. */
function canonicalCidr(text: string): string | undefined {
  const family = isV6(text) ? ipaddr.IPv6 : ipaddr.IPv4;
  const cidr = text.includes("/") ? text : `${text}/${isV6(text) ? 128 : 32}`;
  if (!family.isValidCIDR(cidr)) return undefined;
  const network = family.networkAddressFromCIDR(cidr).toString();
  return network === "0.0.0.0" || network === "::" ? undefined : `${network}/${cidr.split("/")[1]}`;
}
