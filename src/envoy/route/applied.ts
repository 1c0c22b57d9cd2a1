import { memo } from "../../lib/index.ts";
import { isSubsetOf, isWildcard, type Scope, type ScopedVirtualService, type Service } from "../../mesh/index.ts";
import { appliesTo } from "./http-route.ts";
import { isRoutable } from "./plan.ts";

/** A host of a VirtualService that is no service of the mesh. */
export interface Stranger {
  readonly host: string;
  readonly virtualService: ScopedVirtualService;
}

interface HostIndex {
  readonly exact: ReadonlyMap<string, readonly ScopedVirtualService[]>; // in order of precedence
  readonly wildcards: readonly Stranger[]; // most specific first
}

/**
 * The VirtualService that has the say over a service's port. An exact host beats a wildcard, a longer wildcard a shorter one;
 * of equals the first in Istio's order of precedence wins, and nothing is merged.
 * https://istio.io/latest/docs/ops/best-practices/traffic-management/#split-virtual-services
 */
export function virtualServiceFor(scope: Scope, hostname: string, port: number): ScopedVirtualService | undefined {
  const { exact, wildcards } = hostIndex(scope.virtualServices);
  const named = exact.get(hostname);
  if (named) return named.find((vs) => appliesTo(vs, port));
  const widest = wildcards.find(({ host }) => isSubsetOf(hostname, host))?.virtualService;
  return widest && appliesTo(widest, port) ? widest : undefined;
}

/**
 * Hosts that only VirtualServices name get routes on port 80, and on a port where a service of the same VirtualService is, as in
 * Istio. https://istio.io/latest/docs/reference/config/networking/virtual-service/#VirtualService (hosts)
 */
export function strangersOn(scope: Scope, port: number): Stranger[] {
  const onPort = (host: string, has: (service: Service) => boolean): boolean => {
    if (isWildcard(host))
      return scope.services.some(({ service }) => isSubsetOf(service.hostname, host) && has(service));
    const service = scope.byHostname.get(host)?.service;
    return service !== undefined && has(service);
  };
  const isRouted = (host: string): boolean =>
    onPort(host, ({ ports }) => ports.some((one) => one.number === port && isRoutable(one)));
  const isKnown = (host: string): boolean => onPort(host, ({ ports }) => ports.some(({ number }) => number === port));

  return scope.virtualServices.flatMap((virtualService) => {
    const { hosts } = virtualService;
    if (port !== 80 && hosts.length === 1) return []; // either a service or on port 80 only
    if (hosts.every(isKnown) || !appliesTo(virtualService, port)) return [];
    if (port !== 80 && !hosts.some(isRouted)) return [];
    return hosts.filter((host) => !isKnown(host)).map((host) => ({ host, virtualService }));
  });
}

const hostIndex = memo((virtualServices: readonly ScopedVirtualService[]): HostIndex => {
  const exact = new Map<string, ScopedVirtualService[]>();
  const wildcards: Stranger[] = [];
  for (const virtualService of virtualServices) {
    if (virtualService.http.length === 0) continue;
    for (const host of virtualService.hosts) {
      if (isWildcard(host)) wildcards.push({ host, virtualService });
      else exact.set(host, [...(exact.get(host) ?? []), virtualService]);
    }
  }
  wildcards.sort((a, b) => b.host.length - a.host.length); // stable: precedence breaks ties
  return { exact, wildcards };
});
