import { FilterChain, type Filter } from "../../../generated/envoy/config/listener/v3/listener_components.ts";
import type { Inbound, InboundPort, MeshSettings, ServerTls } from "../../mesh/index.ts";
import { inboundClusterName, inboundPassthroughCluster, virtualInbound } from "../names.ts";
import { inboundRoute } from "../route/index.ts";
import { buildChainMatch, type ChainMatch } from "./chain-match.ts";
import { downstreamMtls } from "./downstream-tls.ts";
import { inboundHttpFilter } from "./http-filter.ts";
import { endingModes, inboundModes, type InboundMode } from "./inbound-modes.ts";
import { passthroughRoute } from "./passthrough-route.ts";
import { serverTls } from "./server-tls.ts";
import { buildTcpProxy } from "./tcp-proxy.ts";

/** A chain, and its match in our words for choosing the inspectors. */
export interface InboundChain {
  readonly match: ChainMatch;
  readonly chain: FilterChain;
}

/** What a chain leads to, by what is spoken in it. */
interface Target {
  readonly name: (speaks: "HTTP" | "TCP") => string;
  readonly http: () => Filter;
  readonly tcp: () => Filter;
  readonly tls?: ServerTls; // else the mesh's
}

/** The ways in to one port of the workload. */
export function portChains(
  port: InboundPort,
  { rateLimits }: Inbound,
  settings: MeshSettings,
  bind = port.listener?.bind || "0.0.0.0",
): InboundChain[] {
  const cluster = inboundClusterName(port.port);
  const name = `${bind}_${port.port}`;
  const own = port.mtls === "DISABLE" ? port.listener?.tls : undefined; // as on Istio: the mesh's TLS goes before it
  const ways = own ? endingModes(port.protocol) : inboundModes(port.protocol, port.mtls);
  return build(ways, { destinationPort: port.port }, settings, {
    name: () => name,
    http: () => inboundHttpFilter(settings, `inbound_${name};`, inboundRoute(port), { rateLimits, port: port.port }),
    tcp: () => buildTcpProxy(settings, cluster, [{ cluster, weight: 1 }]),
    ...(own && { tls: own }),
  });
}

/**
 * The ways in to ports that no service names: what arrives is looked at, and goes where it was sent to. Ports with a mode of their
 * own (portLevelMtls) come beside the general one.
 */
export function passthroughChains(inbound: Inbound, settings: MeshSettings): InboundChain[] {
  const cluster = inboundPassthroughCluster;
  const target: Target = {
    name: (speaks) => (speaks === "HTTP" ? `${virtualInbound}-catchall-http` : virtualInbound),
    http: () => inboundHttpFilter(settings, cluster, passthroughRoute, { rateLimits: inbound.rateLimits }),
    tcp: () => buildTcpProxy(settings, cluster, [{ cluster, weight: 1 }]),
  };
  const named = Object.entries(inbound.portMtls).sort(([a], [b]) => Number(a) - Number(b));
  return [
    ...build(inboundModes("AUTO", inbound.mtls), {}, settings, target),
    ...named.flatMap(([port, mode]) =>
      build(inboundModes("AUTO", mode), { destinationPort: Number(port) }, settings, target),
    ),
  ];
}

function build(
  ways: readonly InboundMode[],
  where: ChainMatch,
  settings: MeshSettings,
  target: Target,
): InboundChain[] {
  return ways.map((mode) => {
    const match = { ...where, ...mode.match };
    const chain = FilterChain.fromPartial({
      name: target.name(mode.speaks),
      filterChainMatch: buildChainMatch(match),
      filters: [mode.speaks === "HTTP" ? target.http() : target.tcp()],
      ...(mode.terminatesTls && {
        transportSocket: target.tls
          ? serverTls(target.tls, settings, mode.speaks)
          : downstreamMtls(settings, mode.speaks),
      }),
    });
    return { match, chain };
  });
}
