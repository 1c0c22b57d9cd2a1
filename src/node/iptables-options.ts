import ipaddr from "ipaddr.js";
import type { Problem } from "../lib/index.ts";
import { invalid, ipVersion, isPort } from "./problems.ts";

/**
 * Which traffic of a workload goes through its proxy, with the words of Istio's annotations:
 * https://istio.io/latest/docs/reference/config/annotations/ (traffic.sidecar.istio.io/...)
 */
export interface IptablesOptions {
  /** Whose traffic is the proxy's own. Default 1337. Nothing else may run as these: it would bypass the mesh (IST0144). */
  readonly proxyUids?: readonly number[];
  readonly proxyGids?: readonly number[];
  readonly outboundPort?: number; // 15001
  readonly inboundPort?: number; // 15006
  /** Ports of the workload to take over; `*` (default): all. */
  readonly includeInboundPorts?: "*" | readonly number[];
  /** Besides the proxy's own 15090, 15021 and 15020. Only with `*`. */
  readonly excludeInboundPorts?: readonly number[];
  /** Destinations to take over; `*` (default): all. */
  readonly includeOutboundCidrs?: "*" | readonly string[];
  readonly excludeOutboundCidrs?: readonly string[];
  /** Ports taken over whatever the destination is; `*`: all ports. */
  readonly includeOutboundPorts?: "*" | readonly number[];
  readonly excludeOutboundPorts?: readonly number[];
  /** Interfaces whose traffic is left alone in both directions. */
  readonly excludeInterfaces?: readonly string[];
  /** Sends DNS queries (of these servers, or all) to the proxy's 15053. Default: not at all. */
  readonly dnsServers?: "*" | readonly string[];
}

/** `IptablesOptions` with every default filled in, lists split by IP version. */
export interface InterceptionPlan {
  readonly uids: readonly number[];
  readonly gids: readonly number[];
  readonly outboundPort: number;
  readonly inboundPort: number;
  readonly includeInboundPorts: "*" | readonly number[];
  readonly excludeInboundPorts: readonly number[];
  readonly includeOutboundPorts: "*" | readonly number[];
  readonly excludeOutboundPorts: readonly number[];
  readonly excludeInterfaces: readonly string[];
  readonly v4: AddressPlan;
  readonly v6: AddressPlan;
}

export interface AddressPlan {
  readonly includeCidrs: "*" | readonly string[];
  readonly excludeCidrs: readonly string[];
  readonly dnsServers: "*" | readonly string[];
}

/** Readiness, Prometheus and the merged-metrics port answer for the proxy itself, in any mode. */
const proxysOwnPorts = [15_090, 15_021, 15_020];

const interfaceName = /^[A-Za-z0-9_.-]{1,15}\+?$/; // a trailing + is iptables' wildcard
const maxId = 4_294_967_294;

function portProblems(field: string, ports: "*" | readonly number[] | undefined): Problem[] {
  if (ports === undefined || ports === "*") return [];
  return ports.flatMap((port, i) => (isPort(port) ? [] : [invalid(`${field}[${i}]`, `not a port: ${String(port)}`)]));
}

function idProblems(field: string, ids: readonly number[] | undefined): Problem[] {
  if (ids?.length === 0) return [invalid(field, "empty: the proxy's own traffic would be sent back to it for ever")];
  return (ids ?? []).flatMap((id, i) => {
    if (id === 0) return [invalid(`${field}[${i}]`, "0 would exempt every process of root from the mesh")];
    return Number.isInteger(id) && id > 0 && id <= maxId ? [] : [invalid(`${field}[${i}]`, "not a user or group id")];
  });
}

/** The network as iptables will print it (`10.1.2.3/8` is `10.0.0.0/8`), or undefined. */
function canonicalCidr(text: string): { version: 4 | 6; cidr: string } | undefined {
  const [address = "", bits, ...rest] = text.split("/");
  const version = ipVersion(address);
  if (!version || rest.length > 0) return undefined;
  const full = version === 4 ? 32 : 128;
  if (bits !== undefined && !(/^\d{1,3}$/.test(bits) && Number(bits) <= full)) return undefined;
  const range = `${address}/${bits ?? full}`;
  const network = version === 4 ? ipaddr.IPv4.networkAddressFromCIDR(range) : ipaddr.IPv6.networkAddressFromCIDR(range);
  return { version, cidr: `${network.toString()}/${bits ?? full}` };
}

function splitCidrs(field: string, texts: readonly string[], problems: Problem[]): { v4: string[]; v6: string[] } {
  const split = { v4: [] as string[], v6: [] as string[] };
  texts.forEach((text, i) => {
    const found = canonicalCidr(text);
    if (!found) problems.push(invalid(`${field}[${i}]`, `neither an IP address nor a CIDR: ${JSON.stringify(text)}`));
    else split[found.version === 4 ? "v4" : "v6"].push(found.cidr);
  });
  return split;
}

function splitOrAll(
  field: string,
  texts: "*" | readonly string[],
  problems: Problem[],
): { v4: "*" | string[]; v6: "*" | string[] } {
  return texts === "*" ? { v4: "*", v6: "*" } : splitCidrs(field, texts, problems);
}

/** Checks every word that would reach a rule, and fills in Istio's defaults. */
export function parseInterception(options: IptablesOptions): { plan: InterceptionPlan; problems: Problem[] } {
  const problems = [
    ...idProblems("proxyUids", options.proxyUids),
    ...idProblems("proxyGids", options.proxyGids),
    ...portProblems("outboundPort", [options.outboundPort ?? 15_001]),
    ...portProblems("inboundPort", [options.inboundPort ?? 15_006]),
    ...portProblems("includeInboundPorts", options.includeInboundPorts),
    ...portProblems("excludeInboundPorts", options.excludeInboundPorts),
    ...portProblems("includeOutboundPorts", options.includeOutboundPorts),
    ...portProblems("excludeOutboundPorts", options.excludeOutboundPorts),
  ];
  const interfaces = options.excludeInterfaces ?? [];
  interfaces.forEach((name, i) => {
    if (!interfaceName.test(name)) problems.push(invalid(`excludeInterfaces[${i}]`, "not the name of an interface"));
  });
  const include = splitOrAll("includeOutboundCidrs", options.includeOutboundCidrs ?? "*", problems);
  const exclude = splitCidrs("excludeOutboundCidrs", options.excludeOutboundCidrs ?? [], problems);
  const dns = splitOrAll("dnsServers", options.dnsServers ?? [], problems);
  const plan = {
    uids: options.proxyUids ?? [1337],
    gids: options.proxyGids ?? [1337],
    outboundPort: options.outboundPort ?? 15_001,
    inboundPort: options.inboundPort ?? 15_006,
    includeInboundPorts: options.includeInboundPorts ?? "*",
    excludeInboundPorts: [...proxysOwnPorts, ...(options.excludeInboundPorts ?? [])],
    includeOutboundPorts: options.includeOutboundPorts ?? [],
    excludeOutboundPorts: options.excludeOutboundPorts ?? [],
    excludeInterfaces: interfaces,
    v4: { includeCidrs: include.v4, excludeCidrs: exclude.v4, dnsServers: dns.v4 },
    v6: { includeCidrs: include.v6, excludeCidrs: exclude.v6, dnsServers: dns.v6 },
  } satisfies InterceptionPlan;
  return { plan, problems };
}
