import { TrafficDirection } from "../../../generated/envoy/config/core/v3/base.ts";
import { Listener } from "../../../generated/envoy/config/listener/v3/listener.ts";
import { FilterChain } from "../../../generated/envoy/config/listener/v3/listener_components.ts";
import { memoNamed } from "../../lib/index.ts";
import type {
  AppliedRateLimit,
  GatewayListener,
  GatewayServer,
  GatewayView,
  MeshSettings,
  Scope,
  VisibleService,
} from "../../mesh/index.ts";
import type { GatewayTopology } from "../../model/index.ts";
import { usesDynamicDns } from "../dynamic-dns.ts";
import { memoList } from "../memo-list.ts";
import { gatewayRouteName, isHttp } from "../names.ts";
import { encodeResource, type Provenance, type Resource, type ResourceMap } from "../resource.ts";
import { endsHttps } from "../route/index.ts";
import { buildChainMatch, matchesAll, matchKey, type ChainMatch } from "./chain-match.ts";
import { additionalAddresses, listenAddress, type Families } from "./families.ts";
import { autoPassthroughChains, passthroughChains, tcpChain, type ByteChain } from "./gateway-tcp.ts";
import { serverTls } from "./server-tls.ts";
import { gatewayHttpFilter } from "./http-filter.ts";
import { proxyProtocol, tlsInspector } from "./listener-filters.ts";

/**
 * The listeners of a gateway: one for each port and address of its servers, really bound. HTTP servers of a port share one chain; each
 * server that ends TLS has its own, chosen by SNI. A listener without any chain is left out.
 * https://istio.io/latest/docs/reference/config/networking/gateway/
 */
export function gatewayListeners(
  scope: Scope,
  { listeners, topology }: Omit<GatewayView, "credentials">,
  families: Families,
  rateLimits: readonly AppliedRateLimit[],
): ResourceMap {
  const around = { families, rateLimits, ...(topology && { topology }) };
  return mapOf(listeners.flatMap((listener) => listenerFor(scope, listener, around) ?? []));
}

const mapOf = memoList(
  (list: readonly Resource[]): ResourceMap => new Map(list.map((resource) => [resource.name, resource])),
);

const encoded = memoList((_: readonly object[]) => new Map<string, Resource | undefined>());

/** Encoded once for all gateways with the same servers. A change of HTTP routes changes nothing here; one of tcp and tls rules does. */
function listenerFor(
  { settings, services, byHostname }: Scope,
  listener: GatewayListener,
  around: Surroundings,
): Resource | undefined {
  const { port, bind, servers } = listener;
  const { families, rateLimits, topology } = around;
  const destinations = destinationsOf(servers, services, byHostname);
  const known = encoded([
    settings,
    families,
    ...servers.map((one) => (isRouted(one) ? lasting(one) : one)),
    ...destinations,
    ...rateLimits,
    ...(topology ? [topology] : []),
  ]);
  const dynamicDns = usesDynamicDns(services);
  const key = `${port} ${bind}${dynamicDns ? " dynamic" : ""}`;
  const input = { listener, settings, services: destinations, ...around, dynamicDns };
  if (!known.has(key)) known.set(key, encode(input));
  return known.get(key);
}

/** Whose requests are routed by RDS: its listener does not depend on VirtualServices. */
function isRouted(server: GatewayServer): boolean {
  return isHttp(server.protocol) || endsHttps(server);
}

/** What a routed server's chain is made of, as one object that outlives changes of the VirtualServices bound to it. */
function lasting({ object, index, certificates, roots }: GatewayServer): object {
  return parts(object, JSON.stringify([index, certificates, roots]));
}

const parts = memoNamed((_object: GatewayServer["object"], _part: string) => Object.freeze({}));

/** The services that chains of bytes lead to: all of them where the client's TLS names one, else those of the rules. */
function destinationsOf(
  servers: readonly GatewayServer[],
  services: readonly VisibleService[],
  byHostname: Scope["byHostname"],
): readonly VisibleService[] {
  const carriers = servers.filter((server) => !isRouted(server));
  if (carriers.some(({ tls }) => tls?.mode === "AUTO_PASSTHROUGH")) return services;
  const rules = carriers.flatMap(({ bound }) => bound.flatMap(({ virtualService: { tcp, tls } }) => [...tcp, ...tls]));
  const hosts = new Set(rules.flatMap(({ rule }) => (rule.route ?? []).map(({ destination }) => destination.host)));
  return [...hosts].flatMap((host) => byHostname.get(host) ?? []);
}

interface Chain {
  readonly match: ChainMatch;
  readonly chain: Partial<FilterChain>;
  readonly provenance: readonly Provenance[];
}

/** What a gateway's listeners have in common. */
interface Surroundings {
  readonly families: Families;
  readonly rateLimits: readonly AppliedRateLimit[];
  readonly topology?: GatewayTopology;
}

/** What a listener is made of. */
interface Input extends Surroundings {
  readonly listener: GatewayListener;
  readonly settings: MeshSettings;
  readonly services: readonly VisibleService[];
  readonly dynamicDns: boolean;
}

function encode(input: Input): Resource | undefined {
  const { families, rateLimits, topology } = input;
  const { port, bind, servers } = input.listener;
  const name = `${bind || families.wildcards[0]}_${port}`;
  const chains = distinct(chainsOf(name, input));
  if (chains.length === 0) return undefined;
  const tls = servers.some(({ tls, protocol }) => tls && !isHttp(protocol));
  const message = Listener.fromPartial({
    name,
    address: listenAddress(bind || families.wildcards[0], port),
    additionalAddresses: bind === "" ? additionalAddresses(families, port) : [],
    trafficDirection: TrafficDirection.OUTBOUND,
    listenerFilters: [...(topology?.proxyProtocol ? [proxyProtocol] : []), ...(tls ? [tlsInspector] : [])],
    filterChains: chains.map(({ match, chain }) =>
      FilterChain.fromPartial({ ...(matchesAll(match) ? {} : { filterChainMatch: buildChainMatch(match) }), ...chain }),
    ),
  });
  return encodeResource("lds", name, Listener, message, [
    ...chains.flatMap(({ provenance }) => provenance),
    ...rateLimits.map(({ object }) => ({ object, field: ["spec", "rules"] })),
  ]);
}

function chainsOf(name: string, input: Input): Chain[] {
  const { listener, settings } = input;
  const plain = listener.servers.filter(({ protocol }) => isHttp(protocol));
  const http = gatewayHttpFilter(settings, name, gatewayRouteName(listener), httpContext(input));
  return [
    ...(plain.length > 0 ? [{ match: {}, chain: { filters: [http] }, provenance: plain.map(serverOf) }] : []),
    ...listener.servers
      .filter(({ protocol }) => !isHttp(protocol))
      .flatMap((server) => serverChains(name, server, input)),
  ];
}

function httpContext({ listener: { port }, rateLimits, topology, dynamicDns }: Input) {
  return { rateLimits, port, dynamicDns, ...(topology && { topology }) };
}

function serverChains(name: string, server: GatewayServer, input: Input): Chain[] {
  const { listener, settings, services } = input;
  if (endsHttps(server)) {
    const filters = [gatewayHttpFilter(settings, name, gatewayRouteName(listener, server), httpContext(input))];
    const chain = { filters, transportSocket: serverTls(server, settings, "HTTP") };
    return [{ match: { sni: server.hosts }, chain, provenance: [serverOf(server)] }];
  }
  const from = { server, settings, services };
  switch (server.tls?.mode ?? (server.tls ? "PASSTHROUGH" : undefined)) {
    case "AUTO_PASSTHROUGH":
      return autoPassthroughChains(from).map(asChain);
    case "PASSTHROUGH":
      return passthroughChains(from).map(asChain);
    default: {
      const found = tcpChain(from);
      if (!found) return [];
      const { match, chain, provenance } = asChain(found);
      const transport = server.tls && { transportSocket: serverTls(server, settings, "TCP") };
      return [{ match, chain: { ...chain, ...transport }, provenance }];
    }
  }
}

function asChain({ match, filters, provenance }: ByteChain): Chain {
  return { match, chain: { filters: [...filters] }, provenance };
}

function serverOf({ object, index }: GatewayServer): Provenance {
  return { object, field: ["spec", "servers", index] };
}

/** Envoy refuses a listener with two chains for the same names: the first counts, name by name. */
function distinct(chains: readonly Chain[]): Chain[] {
  const taken = new Set<string>();
  const claim = (key: string): boolean => !taken.has(key) && Boolean(taken.add(key));
  return chains.flatMap((one): Chain[] => {
    const { sni = [], ...rest } = one.match;
    if (sni.length === 0 || sni.includes("*")) return claim(matchKey(rest)) ? [one] : [];
    const free = sni.filter((host) => claim(matchKey({ ...rest, sni: [host] })));
    return free.length === 0 ? [] : [{ ...one, match: { ...rest, sni: free } }];
  });
}
