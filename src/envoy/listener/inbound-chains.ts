import { FilterChain, type Filter } from "../../../generated/envoy/config/listener/v3/listener_components.ts";
import type { Inbound, InboundPort, MeshSettings, MtlsMode, Protocol } from "../../mesh/index.ts";
import { inboundClusterName, inboundPassthroughCluster, virtualInbound } from "../names.ts";
import { inboundRoute } from "../route/index.ts";
import { buildChainMatch, type ChainMatch } from "./chain-match.ts";
import { downstreamMtls } from "./downstream-tls.ts";
import { inboundHttpFilter } from "./http-filter.ts";
import { inboundModes, type InboundMode } from "./inbound-modes.ts";
import { passthroughRoute } from "./passthrough-route.ts";
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
}

/** The ways in to one port of the workload. */
export function portChains(port: InboundPort, { rateLimits }: Inbound, settings: MeshSettings): InboundChain[] {
  const cluster = inboundClusterName(port.port);
  return build(port.protocol, port.mtls, { destinationPort: port.port }, settings, {
    name: () => `0.0.0.0_${port.port}`,
    http: () => {
      const limited = { rateLimits, port: port.port };
      return inboundHttpFilter(settings, `inbound_0.0.0.0_${port.port};`, inboundRoute(port), limited);
    },
    tcp: () => buildTcpProxy(settings, cluster, [{ cluster, weight: 1 }]),
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
    ...build("AUTO", inbound.mtls, {}, settings, target),
    ...named.flatMap(([port, mode]) => build("AUTO", mode, { destinationPort: Number(port) }, settings, target)),
  ];
}

function build(
  protocol: Protocol,
  mtls: MtlsMode,
  where: ChainMatch,
  settings: MeshSettings,
  target: Target,
): InboundChain[] {
  return inboundModes(protocol, mtls).map((mode: InboundMode) => {
    const match = { ...where, ...mode.match };
    const chain = FilterChain.fromPartial({
      name: target.name(mode.speaks),
      filterChainMatch: buildChainMatch(match),
      filters: [mode.speaks === "HTTP" ? target.http() : target.tcp()],
      ...(mode.terminatesTls && { transportSocket: downstreamMtls(settings, mode.speaks) }),
    });
    return { match, chain };
  });
}
