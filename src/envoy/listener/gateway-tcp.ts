import type { BoundVirtualService, GatewayServer, MeshSettings, VisibleService } from "../../mesh/index.ts";
import { commonHosts } from "../../mesh/index.ts";
import type { TcpRoute, TlsRoute } from "../../model/index.ts";
import { sniTargets } from "../cluster/index.ts";
import type { Provenance } from "../resource.ts";
import { matchMesh } from "../tls-alpn.ts";
import type { ChainMatch } from "./chain-match.ts";
import { destinationsFor } from "./destination.ts";
import type { OutboundChain } from "./outbound-chain.ts";
import { carry } from "./tcp-chains.ts";
import { buildTcpProxy } from "./tcp-proxy.ts";

/** What a chain of a gateway that carries bytes is: filters with a match. */
export type ByteChain = Pick<OutboundChain, "match" | "provenance"> & {
  readonly filters: ReturnType<typeof carry>;
};

/** What chains of one server are made with; `services` are those that they may lead to. */
export interface ByteServer {
  readonly server: GatewayServer;
  readonly settings: MeshSettings;
  readonly services: readonly VisibleService[];
}

/** A server of plain TCP, or one that ends TLS around something that is not HTTP: the first tcp rule for its port carries everything. */
export function tcpChain(from: ByteServer): ByteChain | undefined {
  const { server } = from;
  for (const bound of server.bound) {
    const found = bound.virtualService.tcp.find(
      ({ rule }) => !rule.match?.length || rule.match.some((one) => isOn(one, server)),
    );
    if (found) return ruleChain(from, bound, { part: "tcp", ...found }, { sni: server.tls ? server.hosts : [] });
  }
  return undefined;
}

/** A server in mode PASSTHROUGH: TLS is passed on by the name in it, as tls rules say; names outside of the server's hosts are not its. */
export function passthroughChains(from: ByteServer): ByteChain[] {
  const { server } = from;
  return server.bound.flatMap((bound) =>
    bound.virtualService.tls.flatMap((found) =>
      found.rule.match
        .filter((match) => isOn(match, server))
        .map((match) => commonHosts(bound.hosts, match.sniHosts))
        .filter((sni) => sni.length > 0)
        .map((sni) => ruleChain(from, bound, { part: "tls", ...found }, { sni })),
    ),
  );
}

/** A server in mode AUTO_PASSTHROUGH: mesh TLS goes to the service that it names, `outbound_.80_._.host`, and to no other. */
export function autoPassthroughChains(from: ByteServer): ByteChain[] {
  const { server, settings, services } = from;
  return sniTargets(services, server.hosts).map(({ sni, target }) => ({
    match: { sni: [sni], alpn: matchMesh },
    filters: [buildTcpProxy(settings, sni, [{ cluster: sni, weight: 1 }])],
    provenance: [...provenanceOf(server), ...target.provenance],
  }));
}

function isOn({ port }: { readonly port?: number }, server: GatewayServer): boolean {
  return !port || port === server.port;
}

function ruleChain(
  { server, settings, services }: ByteServer,
  { virtualService: { object } }: BoundVirtualService,
  { part, index, rule }: { readonly part: "tcp" | "tls"; readonly index: number; readonly rule: TcpRoute | TlsRoute },
  match: ChainMatch,
): ByteChain {
  const destinations = destinationsFor(rule.route ?? [], server.port, services);
  const { name, namespace } = object.metadata;
  return {
    match,
    filters: carry(settings, destinations, `${name}.${namespace}`),
    provenance: [{ object, field: ["spec", part, index] }, ...provenanceOf(server)],
  };
}

function provenanceOf({ object, index }: GatewayServer): Provenance[] {
  return [{ object, field: ["spec", "servers", index] }];
}
