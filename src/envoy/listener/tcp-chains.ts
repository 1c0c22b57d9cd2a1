import type { Filter } from "../../../generated/envoy/config/listener/v3/listener_components.ts";
import { FilterConfig } from "../../../generated/envoy/extensions/filters/network/sni_dynamic_forward_proxy/v3/sni_dynamic_forward_proxy.ts";
import type {
  AppliedDestinationRule,
  MeshSettings,
  ScopedVirtualService,
  ServicePort,
  VisibleService,
} from "../../mesh/index.ts";
import type { TcpRoute, TlsRoute } from "../../model/index.ts";
import { policyFor } from "../cluster/index.ts";
import { dnsCache } from "../dynamic-dns.ts";
import { outboundClusterName } from "../names.ts";
import { packAny, type Provenance } from "../resource.ts";
import { alpnOverrideFor } from "./alpn-override.ts";
import { matchKey, type ChainMatch } from "./chain-match.ts";
import { destinationsFor, type TcpDestination, type TcpRouting } from "./destination.ts";
import type { OutboundChain } from "./outbound-chain.ts";
import { buildTcpProxy } from "./tcp-proxy.ts";
import { tunnelFor } from "./tunnel.ts";

/** Whose bytes the chains carry. `wildcard`: the listener is not the service's own, so TLS is told apart by its SNI. */
export interface TcpChainInput {
  readonly settings: MeshSettings;
  readonly visible: VisibleService;
  readonly port: ServicePort;
  readonly routing: TcpRouting;
  readonly wildcard: boolean;
  readonly cidrs: readonly string[];
}

/**
 * The TCP chains of one port of a service: VirtualService `tls[]` for declared TLS and HTTPS, `tcp[]` for the rest, then the
 * service itself. https://istio.io/latest/docs/reference/config/networking/virtual-service/#TLSRoute
 */
export function buildTcpChains(input: TcpChainInput): OutboundChain[] {
  return isTls(input.port) ? tlsChains(input) : tcpChains(input);
}

function isTls(port: ServicePort): boolean {
  return port.protocol === "TLS" || port.protocol === "HTTPS";
}

function tlsChains(input: TcpChainInput): OutboundChain[] {
  const chains = new Map<string, OutboundChain>();
  for (const vs of input.routing.virtualServices) {
    for (const { index, rule } of vs.tls) {
      for (const match of rule.match) {
        if (!onPort(match, input.port)) continue;
        const cidrs = match.destinationSubnets?.length ? match.destinationSubnets : input.cidrs;
        const chainMatch = { sni: match.sniHosts, cidrs };
        const key = matchKey(chainMatch); // a second chain for the same names could never be reached
        if (!chains.has(key)) chains.set(key, ruleChain(input, vs, "tls", { index, rule }, chainMatch));
      }
    }
  }
  if (chains.size > 0) return [...chains.values()];
  const shared = input.cidrs.length > 0 || input.wildcard;
  return [serviceChain(input, shared ? { sni: [input.visible.service.hostname], cidrs: input.cidrs } : {})];
}

function tcpChains(input: TcpChainInput): OutboundChain[] {
  const chains = new Map<string, OutboundChain>();
  const add = (chain: OutboundChain) => chains.set(matchKey(chain.match), chains.get(matchKey(chain.match)) ?? chain);
  for (const vs of input.routing.virtualServices) {
    for (const { index, rule } of vs.tcp) {
      const matches = (rule.match ?? []).filter((match) => onPort(match, input.port));
      if (rule.match?.length && matches.length === 0) continue;
      const subnets = matches.map((match) => match.destinationSubnets ?? []);
      const anyAddress = subnets.length === 0 || subnets.some((list) => list.length === 0);
      add(ruleChain(input, vs, "tcp", { index, rule }, { cidrs: anyAddress ? input.cidrs : subnets.flat() }));
      if (anyAddress) return [...chains.values()]; // later rules are never reached
    }
  }
  add(serviceChain(input, { cidrs: input.cidrs }));
  return [...chains.values()];
}

function onPort(match: { readonly port?: number }, port: ServicePort): boolean {
  return match.port === undefined || match.port === 0 || match.port === port.number;
}

function ruleChain(
  { settings, port, routing }: TcpChainInput,
  vs: ScopedVirtualService,
  part: "tls" | "tcp",
  { index, rule }: { readonly index: number; readonly rule: TcpRoute | TlsRoute },
  match: ChainMatch,
): OutboundChain {
  const destinations = destinationsFor(rule.route ?? [], port.number, routing.destinations);
  const { name, namespace } = vs.object.metadata;
  const rules = new Set(destinations.flatMap(({ visible }) => visible?.rule ?? []));
  return {
    match,
    content: { filters: carry(settings, destinations, `${name}.${namespace}`) },
    provenance: [{ object: vs.object, field: ["spec", part, index] }, ...[...rules].flatMap(ruleProvenance)],
  };
}

function serviceChain({ settings, visible, port }: TcpChainInput, match: ChainMatch): OutboundChain {
  const cluster = outboundClusterName(visible.service.hostname, port.number);
  return {
    match,
    content: { filters: carry(settings, [{ cluster, weight: 1, port: port.number, visible }], cluster) },
    provenance: [{ object: visible.service.object, field: [] }, ...ruleProvenance(visible.rule)],
  };
}

/** The connection's limits, and its tunnel, are those of the first destination, as in Istio. */
export function carry(settings: MeshSettings, destinations: readonly TcpDestination[], sharedPrefix: string): Filter[] {
  const [first] = destinations;
  const statPrefix = destinations.length === 1 && first ? first.cluster : sharedPrefix;
  const targets = destinations.flatMap(({ visible, ...rest }) => (visible ? { visible, ...rest } : []));
  const policy = first && policyFor(first.visible?.rule, first.port, first.subset);
  const tunnel = first && tunnelFor(first.visible?.rule, first.subset);
  const proxy = buildTcpProxy(settings, statPrefix, destinations, policy, tunnel);
  return [...alpnOverrideFor(targets), ...lookupFor(destinations), proxy];
}

/**
 * Looks up the name that TLS asks for, where the only destination is of resolution DYNAMIC_DNS. As on Istio shares of several cannot be.
 * https://www.envoyproxy.io/docs/envoy/v1.40.0/configuration/listeners/network_filters/sni_dynamic_forward_proxy_filter
 */
function lookupFor(destinations: readonly TcpDestination[]): Filter[] {
  const [first, ...others] = destinations;
  if (others.length > 0 || first?.visible?.service.resolution !== "DYNAMIC_DNS") return [];
  const config = FilterConfig.fromPartial({ dnsCacheConfig: dnsCache, portValue: first.port });
  const typedConfig = packAny(FilterConfig, config);
  return [{ name: "envoy.filters.network.sni_dynamic_forward_proxy", typedConfig }];
}

function ruleProvenance(rule: AppliedDestinationRule | undefined): Provenance[] {
  return (rule?.objects ?? []).map((object) => ({ object, field: ["spec", "trafficPolicy"] }));
}
