import { memo } from "../../lib/index.ts";
import type { Scope, Service, ServicePort } from "../../mesh/index.ts";
import { isHttp, routeName } from "../names.ts";
import { routablePort, strangersOn, virtualServiceFor } from "./applied.ts";
import { DomainClaims, domainsFor, singleDomain } from "./domains.ts";
import type { VirtualHostInput } from "./virtual-host.ts";
import { catchAllInput, type Place, virtualHostInput } from "./virtual-host-input.ts";

/** The virtual hosts of each route configuration of a scope, by its name; every one has at least one, or Envoy waits for ever. */
export const routesFor = memo((scope: Scope): ReadonlyMap<string, readonly VirtualHostInput[]> => {
  const routes = new Map<string, readonly VirtualHostInput[]>();
  for (const port of sharedPorts(scope)) routes.set(routeName(port), hostsOnPort(scope, port));
  for (const { service } of scope.services) {
    for (const port of service.ports.filter((port) => isDetected(service, port))) {
      const name = routeName(port.number, service.hostname);
      routes.set(name, [hostOfDetected(scope, service, port.number, name)]);
    }
  }
  return routes;
});

/** Whether a port's protocol is told from the first bytes on a listener of the service's own, by its addresses or its pods'. */
function isDetected({ headless, resolution, addresses }: Service, { protocol }: ServicePort): boolean {
  const hasListener = addresses.some((address) => !address.includes("/")) || headless || resolution === "NONE";
  return protocol === "AUTO" && hasListener;
}

/** Ports on which requests to several services meet: HTTP, and what is detected for services that have no address of their own. */
function sharedPorts({ services }: Scope): number[] {
  const shared = services.flatMap(({ service }) =>
    service.ports.filter((port) => isHttp(port.protocol) || (port.protocol === "AUTO" && !hasOnlyAddresses(service))),
  );
  return [...new Set(shared.map(({ number }) => number))].sort((a, b) => a - b);
}

function hasOnlyAddresses({ headless, addresses }: Service): boolean {
  return headless || (addresses.length > 0 && addresses.every((address) => !address.includes("/")));
}

/** Hosts that only VirtualServices name come first, as in Istio: one such as `reviews.prod` means what its author wrote. */
function hostsOnPort(scope: Scope, port: number): VirtualHostInput[] {
  const name = routeName(port);
  const claims = new DomainClaims();
  const hosts: VirtualHostInput[] = [];
  for (const { host, virtualService } of strangersOn(scope, port)) {
    const domains = claims.claim(singleDomain(virtualService, addressOrName(host)));
    if (domains.length > 0)
      hosts.push(virtualHostInput(scope, { routeName: name, host, port, domains }, { virtualService }));
  }
  const isOfOther = (domain: string, { hostname }: Service): boolean => {
    const owner = domain === hostname ? undefined : scope.byHostname.get(domain)?.service;
    return owner !== undefined && routablePort(owner, port) !== undefined;
  };
  for (const { service } of scope.services) {
    if (!routablePort(service, port)) continue;
    const domains = claims.claim(domainsFor(service, scope), (domain) => !isOfOther(domain, service));
    if (domains.length > 0)
      hosts.push(hostOf(scope, service, { routeName: name, host: service.hostname, port, domains }));
  }
  return [...hosts, catchAllInput(scope, name, port)];
}

/** The listener is the service's own: whatever host is asked for, it is this service. */
function hostOfDetected(scope: Scope, service: Service, port: number, name: string): VirtualHostInput {
  const place = { routeName: name, host: service.hostname, port, domains: singleDomain(service, "*") };
  return hostOf(scope, service, place);
}

function hostOf(scope: Scope, service: Service, place: Place): VirtualHostInput {
  const virtualService = virtualServiceFor(scope, service.hostname, place.port);
  return virtualHostInput(scope, place, virtualService ? { virtualService, service } : { service });
}

/** An IPv6 address stands in brackets in `Host`. */
function addressOrName(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}
