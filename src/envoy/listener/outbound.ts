import { TrafficDirection } from "../../../generated/envoy/config/core/v3/base.ts";
import { Listener, type AdditionalAddress } from "../../../generated/envoy/config/listener/v3/listener.ts";
import { FilterChain } from "../../../generated/envoy/config/listener/v3/listener_components.ts";
import type { MeshSettings, Scope } from "../../mesh/index.ts";
import { durationFrom } from "../duration.ts";
import { usesDynamicDns } from "../dynamic-dns.ts";
import { memoList } from "../memo-list.ts";
import { encodeResource, type Resource, type ResourceMap } from "../resource.ts";
import { unclaimedClusterFor } from "../route/index.ts";
import { buildChainMatch, matchesAll } from "./chain-match.ts";
import { tcpVirtualServices } from "./destination.ts";
import { dnsListeners } from "./dns.ts";
import { additionalAddresses, listenAddress, loopbacks, socketAddress, type Families } from "./families.ts";
import { headlessServices, type EndpointsOf } from "./headless.ts";
import { outboundHttpFilter } from "./http-filter.ts";
import { httpInspector, tlsInspector } from "./listener-filters.ts";
import type { OutboundChain } from "./outbound-chain.ts";
import { planOutbound, type PlannedListener } from "./outbound-plan.ts";
import { unclaimedChain, virtualOutboundFor } from "./virtual-outbound.ts";

/**
 * Every outbound listener of a scope, for proxies of these families. The same map for all scopes that see the same services, TCP rules
 * and endpoints of headless services; HTTP rules and other endpoints do not matter. Each listener is encoded once.
 * https://istio.io/latest/docs/ops/configuration/traffic-management/traffic-routing/
 */
export function outboundListeners(scope: Scope, families: Families, endpointsOf: EndpointsOf): ResourceMap {
  const { settings, services, egress } = scope;
  const endpoints = headlessServices(services).map(endpointsOf);
  const own = egress ? [egress] : [];
  const cells = mapCells([settings, services, families, ...own, ...tcpVirtualServices(scope), ...endpoints]);
  const names = families.dns ? scope.namespace : ""; // short names are those of a namespace
  return (cells[`${unclaimedClusterFor(scope)} ${names}`] ??= build(scope, families, endpointsOf));
}

const mapCells = memoList((_: readonly object[]): Record<string, ResourceMap> => ({}));

function build(scope: Scope, families: Families, endpointsOf: EndpointsOf): ResourceMap {
  const { settings } = scope;
  const unclaimed = unclaimedClusterFor(scope);
  const planned = planOutbound(scope, families, endpointsOf);
  const sort: Sort = { settings, families, unclaimed, dynamicDns: usesDynamicDns(scope.services) };
  const listeners = [
    virtualOutboundFor(settings, families, unclaimed),
    ...planned.map((listener) => listenerFor(listener, sort)),
    ...(families.dns ? dnsListeners(scope, families, endpointsOf) : []),
  ];
  return new Map(listeners.map((listener) => [listener.name, listener]));
}

const listenersByChains = memoList((_: readonly object[]) => new Map<string, Resource>());

/** What listeners of a scope have in common. */
interface Sort {
  readonly settings: MeshSettings;
  readonly families: Families;
  readonly unclaimed: string;
  readonly dynamicDns: boolean;
}

function listenerFor(planned: PlannedListener, sort: Sort): Resource {
  const name = `${planned.bind}_${planned.port}`;
  const known = listenersByChains([sort.settings, sort.families, ...planned.chains]);
  const key = `${sort.unclaimed} ${name}${planned.bound ? " bound" : ""}${sort.dynamicDns ? " dynamic" : ""}`;
  let listener = known.get(key);
  if (!listener) known.set(key, (listener = encode(name, planned, sort)));
  return listener;
}

/** All chains but the one that matches everything, which becomes the default; without such a one, unclaimed traffic is the default. */
function encode(name: string, { bind, port, chains, bound }: PlannedListener, sort: Sort): Resource {
  const { settings, families, unclaimed } = sort;
  const particular = chains.filter(({ match }) => !matchesAll(match));
  const general = chains.find(({ match }) => matchesAll(match));
  const last = general ? buildChain(name, general, sort) : unclaimedChain(settings, unclaimed);
  const listener = Listener.fromPartial({
    name,
    address: listenAddress(bind, port, forEverybody),
    additionalAddresses: furtherAddresses(bind, port, families, bound),
    bindToPort: bound,
    trafficDirection: TrafficDirection.OUTBOUND,
    ...(particular.length === 0
      ? { filterChains: [last] }
      : { filterChains: particular.map((chain) => buildChain(name, chain, sort)), defaultFilterChain: last }),
    ...inspection(particular, settings),
  });
  const provenance = [...new Set(chains.flatMap((chain) => chain.provenance))];
  return encodeResource("lds", name, Listener, listener, provenance);
}

/** Read and write: who may connect to a socket. */
const forEverybody = 0o666;

/** The other versions of IP: of all addresses, and of the loopback that a listener has for want of a `bind`. */
function furtherAddresses(bind: string, port: number, families: Families, bound: boolean): AdditionalAddress[] {
  if (bind === families.wildcards[0]) return additionalAddresses(families, port);
  const [first, ...others] = loopbacks(families);
  return bound && bind === first ? others.map((address) => ({ address: socketAddress(address, port) })) : [];
}

function buildChain(listener: string, { match, content }: OutboundChain, { settings, dynamicDns }: Sort): FilterChain {
  const filters =
    "rds" in content ? [outboundHttpFilter(settings, listener, content.rds, dynamicDns)] : [...content.filters];
  return FilterChain.fromPartial({
    ...(matchesAll(match) ? {} : { filterChainMatch: buildChainMatch(match) }),
    filters,
  });
}

/**
 * Inspectors wait for the client's first bytes; only listeners whose chains differ by these bytes have them. After
 * `protocolDetectionTimeout` (Istio's default: never) a silent connection is taken for plain TCP.
 */
function inspection(chains: readonly OutboundChain[], settings: MeshSettings): Partial<Listener> {
  const http = chains.some(({ match }) => (match.alpn ?? []).length > 0);
  const tls = http || chains.some(({ match }) => (match.sni ?? []).length > 0);
  return {
    listenerFilters: [...(tls ? [tlsInspector] : []), ...(http ? [httpInspector] : [])],
    continueOnListenerFiltersTimeout: tls,
    ...(tls && { listenerFiltersTimeout: durationFrom(http ? settings.protocolDetectionTimeout : "0s") }),
  };
}
