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

/** A server of plain TCP, or one that ends TLS around something that is not HTTP: the first tcp rule for its port carries everything. */
export function tcpChain(
  server: GatewayServer,
  settings: MeshSettings,
  services: readonly VisibleService[],
): ByteChain | undefined {
  for (const bound of server.bound) {
    const found = bound.virtualService.tcp.find(
      ({ rule }) => !rule.match?.length || rule.match.some((one) => isOn(one, server)),
    );
    if (found)
      return ruleChain(server, settings, services, bound, "tcp", found, { sni: server.tls ? server.hosts : [] });
  }
  return undefined;
}

/** A server in mode PASSTHROUGH: TLS is passed on by the name in it, as tls rules say; names outside of the server's hosts are not its. */
export function passthroughChains(
  server: GatewayServer,
  settings: MeshSettings,
  services: readonly VisibleService[],
): ByteChain[] {
  return server.bound.flatMap((bound) =>
    bound.virtualService.tls.flatMap((found) =>
      found.rule.match
        .filter((match) => isOn(match, server))
        .map((match) => commonHosts(bound.hosts, match.sniHosts))
        .filter((sni) => sni.length > 0)
        .map((sni) => ruleChain(server, settings, services, bound, "tls", found, { sni })),
    ),
  );
}

/** A server in mode AUTO_PASSTHROUGH: mesh TLS goes to the service that it names, `outbound_.80_._.host`, and to no other. */
export function autoPassthroughChains(
  server: GatewayServer,
  settings: MeshSettings,
  services: readonly VisibleService[],
): ByteChain[] {
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
  server: GatewayServer,
  settings: MeshSettings,
  services: readonly VisibleService[],
  { virtualService: { object } }: BoundVirtualService,
  part: "tcp" | "tls",
  { index, rule }: { readonly index: number; readonly rule: TcpRoute | TlsRoute },
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
