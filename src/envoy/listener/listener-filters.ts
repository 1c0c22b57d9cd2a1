import {
  ListenerFilter,
  type ListenerFilterChainMatchPredicate,
} from "../../../generated/envoy/config/listener/v3/listener_components.ts";
import { HttpInspector } from "../../../generated/envoy/extensions/filters/listener/http_inspector/v3/http_inspector.ts";
import { OriginalDst } from "../../../generated/envoy/extensions/filters/listener/original_dst/v3/original_dst.ts";
import { ProxyProtocol } from "../../../generated/envoy/extensions/filters/listener/proxy_protocol/v3/proxy_protocol.ts";
import { TlsInspector } from "../../../generated/envoy/extensions/filters/listener/tls_inspector/v3/tls_inspector.ts";
import { packAny, type Codec } from "../resource.ts";
import { plaintextHttp, type ChainMatch } from "./chain-match.ts";

/** Gives the connection back the address it had before iptables turned it. */
export const originalDst = build("envoy.filters.listener.original_dst", OriginalDst, {});

export const tlsInspector = build("envoy.filters.listener.tls_inspector", TlsInspector, TlsInspector.fromPartial({}));

/** Takes the PROXY header before all else, and the address it says for the caller's. */
export const proxyProtocol = build(
  "envoy.filters.listener.proxy_protocol",
  ProxyProtocol,
  ProxyProtocol.fromPartial({}),
);

export const httpInspector = build("envoy.filters.listener.http_inspector", HttpInspector, {});

/**
 * The inspectors that these chains of virtualInbound need, TLS before HTTP: an inspector that waits for bytes stalls a
 * protocol in which the server speaks first, so each is off on the ports none of whose chains asks for it.
 */
export function inspectorsFor(matches: readonly ChainMatch[]): ListenerFilter[] {
  const tls = inspectedPorts(matches, (match) => match.transport === "tls");
  const http = inspectedPorts(matches, (match) => (match.alpn ?? []).some((name) => plaintextHttp.includes(name)));
  return [...limit(tlsInspector, tls), ...limit(httpInspector, http)];
}

/** Destination port (0: all that are not named) to whether it needs inspection. */
function inspectedPorts(matches: readonly ChainMatch[], needs: (match: ChainMatch) => boolean): Map<number, boolean> {
  const ports = new Map<number, boolean>();
  for (const match of matches) {
    const port = match.destinationPort ?? 0;
    ports.set(port, needs(match) || ports.get(port) === true);
  }
  return ports;
}

function limit(filter: ListenerFilter, ports: ReadonlyMap<number, boolean>): ListenerFilter[] {
  const named = [...ports].filter(([port]) => port !== 0).sort(([a], [b]) => a - b);
  if (ports.get(0) === true) {
    const off = named.filter(([, needed]) => !needed).map(([port]) => onPort(port));
    return [off.length === 0 ? filter : { ...filter, filterDisabled: anyOf(off) }];
  }
  const on = named.filter(([, needed]) => needed).map(([port]) => onPort(port));
  return on.length === 0 ? [] : [{ ...filter, filterDisabled: { notMatch: anyOf(on) } }];
}

function onPort(port: number): ListenerFilterChainMatchPredicate {
  return { destinationPortRange: { start: port, end: port + 1 } };
}

/** Envoy wants at least two rules in an `or`. */
function anyOf(rules: ListenerFilterChainMatchPredicate[]): ListenerFilterChainMatchPredicate {
  const [first] = rules;
  return rules.length === 1 && first ? first : { orMatch: { rules } };
}

function build<M>(name: string, codec: Codec<M>, config: M): ListenerFilter {
  return ListenerFilter.fromPartial({ name, typedConfig: packAny(codec, config) });
}
