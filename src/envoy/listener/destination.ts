import { byCodeUnit, memo } from "../../lib/index.ts";
import { hostMatches, isNamed, type Scope, type ScopedVirtualService, type VisibleService } from "../../mesh/index.ts";
import type { Subset, TcpRoute } from "../../model/index.ts";
import { outboundClusterName } from "../names.ts";

type RouteDestination = NonNullable<TcpRoute["route"]>[number];

/** What one service's port is routed by: the whole input of its TCP chains, found before anything is built. */
export interface TcpRouting {
  /** VirtualServices with tcp or tls rules for the host, in Istio's order of precedence. */
  readonly virtualServices: readonly ScopedVirtualService[];
  /** The services these rules send to, and nothing else of the scope. */
  readonly destinations: readonly VisibleService[];
}

/** One destination of a rule: its cluster, its share, and the service if the scope sees it. */
export interface TcpDestination {
  readonly cluster: string;
  readonly weight: number;
  readonly port: number;
  readonly subset?: Subset;
  readonly visible?: VisibleService;
}

/** The VirtualServices of a scope that have TCP or TLS rules: the others make no difference to listeners. */
export function tcpVirtualServices({ virtualServices }: Scope): readonly ScopedVirtualService[] {
  return withTcpRules(virtualServices);
}

const withTcpRules = memo((all: readonly ScopedVirtualService[]) =>
  all.filter((vs) => vs.tcp.length + vs.tls.length > 0),
);

/** The VirtualServices of the scope that say something about TCP or TLS to this service. */
export function tcpRoutingFor(scope: Scope, visible: VisibleService): TcpRouting {
  const { hostname } = visible.service;
  const virtualServices = tcpVirtualServices(scope).filter(({ hosts }) =>
    hosts.some((host) => hostMatches(host, hostname)),
  );
  const hosts = new Set(virtualServices.flatMap(destinationHosts));
  const known = scope.destinations ?? scope.byHostname;
  const destinations = [...hosts].sort(byCodeUnit).flatMap((host) => known.get(host) ?? []);
  return { virtualServices, destinations };
}

function destinationHosts(vs: ScopedVirtualService): string[] {
  const rules = [...vs.tcp, ...vs.tls].map(({ rule }) => rule);
  return rules.flatMap((rule) => (rule.route ?? []).map((route) => route.destination.host));
}

/**
 * The destinations of a rule with their shares. A destination without a port means the service's only port, or the port
 * that is listened on. Shares of 0 get nothing and are left out; a single destination gets all.
 */
export function destinationsFor(
  routes: readonly RouteDestination[],
  listenPort: number,
  services: readonly VisibleService[],
): TcpDestination[] {
  const weighted = routes.length === 1 ? routes : routes.filter(({ weight = 0 }) => weight > 0);
  return weighted.map(({ destination: { host, port, subset }, weight = 1 }) => {
    const visible = services.find(({ service }) => isNamed(service, host));
    const known = visible?.rule?.subsets.find(({ name }) => name === subset);
    const number = port?.number ?? onlyPort(visible) ?? listenPort;
    return {
      cluster: outboundClusterName(visible?.service.hostname ?? host, number, subset),
      weight,
      port: number,
      ...(known && { subset: known }),
      ...(visible && { visible }),
    };
  });
}

function onlyPort(visible: VisibleService | undefined): number | undefined {
  const ports = visible?.service.ports ?? [];
  return ports.length === 1 ? ports[0]?.number : undefined;
}
