import type { Parsed } from "../lib/index.ts";
import {
  parseInterception,
  type AddressPlan,
  type InterceptionPlan,
  type IptablesOptions,
} from "./iptables-options.ts";

/**
 * Istio's interception as text for `iptables-restore --noflush` and `ip6tables-restore --noflush`. A chain named at the head
 * of a table is made or emptied, so that applying twice gives the same rules; a table is changed in one step or not at all.
 * The jumps from built-in chains are the only rules outside our own chains: `buildRestore` keeps them single.
 */
export interface IptablesRules {
  readonly v4: string;
  readonly v6: string;
}

/** What differs between the two IP versions. */
interface Family {
  readonly loopback: string;
  readonly passthroughSource: string; // Envoy connects to the app from here when no service names the port
  readonly addresses: AddressPlan;
}

const dnsPort = 15_053;

function list<T>(values: "*" | readonly T[]): readonly T[] {
  return values === "*" ? [] : values;
}

function inbound(plan: InterceptionPlan): string[] {
  if (plan.includeInboundPorts !== "*" && plan.includeInboundPorts.length === 0) return [];
  return [
    "-A PREROUTING -p tcp -j ISTIO_INBOUND",
    ...plan.excludeInterfaces.map((name) => `-A ISTIO_INBOUND -i ${name} -j RETURN`),
    "-A ISTIO_INBOUND -p tcp --dport 15008 -j RETURN",
    ...(plan.includeInboundPorts === "*"
      ? [
          ...plan.excludeInboundPorts.map((port) => `-A ISTIO_INBOUND -p tcp --dport ${port} -j RETURN`),
          "-A ISTIO_INBOUND -p tcp -j ISTIO_IN_REDIRECT",
        ]
      : plan.includeInboundPorts.map((port) => `-A ISTIO_INBOUND -p tcp --dport ${port} -j ISTIO_IN_REDIRECT`)),
  ];
}

function ofProxy(plan: InterceptionPlan, family: Family, dns: boolean): string[] {
  const owners = [
    ...plan.uids.map((id) => ({
      owner: `--uid-owner ${id}`,
      skipped: dns ? "-m multiport ! --dports 53,15008" : "! --dport 15008",
    })),
    ...plan.gids.map((id) => ({ owner: `--gid-owner ${id}`, skipped: "! --dport 15008" })),
  ];
  return owners.flatMap(({ owner, skipped }) => [
    // The proxy calls its own workload's address: the app called itself through a service, so it comes in at the front door.
    `-A ISTIO_OUTPUT -o lo ! -d ${family.loopback} -p tcp ${skipped} -m owner ${owner} -j ISTIO_IN_REDIRECT`,
    // The app talks to itself on loopback.
    `-A ISTIO_OUTPUT -o lo ${dns ? "-p tcp ! --dport 53 " : ""}-m owner ! ${owner} -j RETURN`,
    // What the proxy sends is on its way out already.
    `-A ISTIO_OUTPUT -m owner ${owner} -j RETURN`,
  ]);
}

function outbound(plan: InterceptionPlan, family: Family, dns: boolean): string[] {
  const { addresses, loopback } = family;
  const all = addresses.includeCidrs === "*" || plan.includeOutboundPorts === "*";
  return [
    `-A OUTPUT ${dns ? "" : "-p tcp "}-j ISTIO_OUTPUT`,
    ...plan.excludeInterfaces.map((name) => `-A ISTIO_OUTPUT -o ${name} -j RETURN`),
    ...plan.excludeOutboundPorts.flatMap((port) =>
      (dns ? ["tcp", "udp"] : ["tcp"]).map((protocol) => `-A ISTIO_OUTPUT -p ${protocol} --dport ${port} -j RETURN`),
    ),
    `-A ISTIO_OUTPUT -o lo -s ${family.passthroughSource} -j RETURN`,
    ...ofProxy(plan, family, dns),
    ...(dns ? ["-A ISTIO_OUTPUT -j ISTIO_OUTPUT_DNS"] : []),
    `-A ISTIO_OUTPUT -d ${loopback} -j RETURN`,
    ...addresses.excludeCidrs.map((cidr) => `-A ISTIO_OUTPUT -d ${cidr} -j RETURN`),
    ...list(plan.includeOutboundPorts).map((port) => `-A ISTIO_OUTPUT -p tcp --dport ${port} -j ISTIO_REDIRECT`),
    ...(all
      ? ["-A ISTIO_OUTPUT -j ISTIO_REDIRECT"]
      : list(addresses.includeCidrs).map((cidr) => `-A ISTIO_OUTPUT -d ${cidr} -j ISTIO_REDIRECT`)),
  ];
}

function owners(plan: InterceptionPlan): string[] {
  return [...plan.uids.map((id) => `--uid-owner ${id}`), ...plan.gids.map((id) => `--gid-owner ${id}`)];
}

/** ` -d SERVER` for each server, or nothing where all are meant. */
function toServers(servers: "*" | readonly string[], direction: "-d" | "-s" = "-d"): string[] {
  return servers === "*" ? [""] : servers.map((server) => ` ${direction} ${server}`);
}

function dnsRedirect(plan: InterceptionPlan, servers: "*" | readonly string[]): string[] {
  return [
    ...toServers(servers).map((to) => `-A ISTIO_OUTPUT_DNS -p tcp --dport 53${to} -j REDIRECT --to-ports ${dnsPort}`),
    ...owners(plan).map((owner) => `-A ISTIO_OUTPUT_DNS -p udp --dport 53 -m owner ${owner} -j RETURN`),
    ...toServers(servers).map((to) => `-A ISTIO_OUTPUT_DNS -p udp --dport 53${to} -j REDIRECT --to-ports ${dnsPort}`),
  ];
}

/** The app's query and the proxy's own to the same server must not share a conntrack entry: https://github.com/istio/istio/issues/33469 */
function dnsZones(plan: InterceptionPlan, servers: "*" | readonly string[]): string[] {
  return [
    "*raw",
    ":ISTIO_OUTPUT_DNS - [0:0]",
    ":ISTIO_INBOUND - [0:0]",
    "-A OUTPUT -j ISTIO_OUTPUT_DNS",
    "-A PREROUTING -j ISTIO_INBOUND",
    ...owners(plan).flatMap((owner) => [
      `-A ISTIO_OUTPUT_DNS -p udp --dport 53 -m owner ${owner} -j CT --zone 1`,
      `-A ISTIO_OUTPUT_DNS -p udp --sport ${dnsPort} -m owner ${owner} -j CT --zone 2`,
    ]),
    ...toServers(servers).map((to) => `-A ISTIO_OUTPUT_DNS -p udp --dport 53${to} -j CT --zone 2`),
    ...toServers(servers, "-s").map((from) => `-A ISTIO_INBOUND -p udp --sport 53${from} -j CT --zone 1`),
    "COMMIT",
  ];
}

function rulesFor(plan: InterceptionPlan, family: Family): string {
  const servers = family.addresses.dnsServers;
  const dns = servers === "*" || servers.length > 0;
  const chains = [
    "ISTIO_INBOUND",
    "ISTIO_REDIRECT",
    "ISTIO_IN_REDIRECT",
    "ISTIO_OUTPUT",
    ...(dns ? ["ISTIO_OUTPUT_DNS"] : []),
  ];
  const lines = [
    "*nat",
    ...chains.map((chain) => `:${chain} - [0:0]`),
    `-A ISTIO_REDIRECT -p tcp -j REDIRECT --to-ports ${plan.outboundPort}`,
    `-A ISTIO_IN_REDIRECT -p tcp -j REDIRECT --to-ports ${plan.inboundPort}`,
    ...inbound(plan),
    ...outbound(plan, family, dns),
    ...(dns ? dnsRedirect(plan, servers) : []),
    "COMMIT",
    ...(dns ? dnsZones(plan, servers) : []),
  ];
  return `${lines.join("\n")}\n`;
}

/**
 * The rules for these options, or why there are none. Everything a user wrote is checked to be a number, an address or an
 * interface name before it becomes part of a line.
 * https://istio.io/latest/docs/ops/deployment/application-requirements/ and ISTIO_* chains of istio-iptables
 */
export function buildIptablesRules(options: IptablesOptions): Parsed<IptablesRules> {
  const { plan, problems } = parseInterception(options);
  if (problems.length > 0) return { problems };
  const v4 = { loopback: "127.0.0.1/32", passthroughSource: "127.0.0.6/32", addresses: plan.v4 };
  const v6 = { loopback: "::1/128", passthroughSource: "::6/128", addresses: plan.v6 };
  return { value: { v4: rulesFor(plan, v4), v6: rulesFor(plan, v6) }, problems };
}
