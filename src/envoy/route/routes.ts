import { memo } from "../../lib/index.ts";
import type { EgressListener, Scope, ServicePort } from "../../mesh/index.ts";
import { egressRouteName, isHttp, routeName } from "../names.ts";
import { strangersOn, virtualServiceFor } from "./applied.ts";
import { singleDomain, without } from "./domains.ts";
import { allPlaces, egressPlaces } from "./egress-places.ts";
import { routePlanFor, type ServicePlace } from "./plan.ts";
import type { VirtualHostInput } from "./virtual-host.ts";
import { catchAllInput, virtualHostInput } from "./virtual-host-input.ts";

/** The virtual hosts of each route configuration of a scope, by its name; every one has at least one, or Envoy waits for ever. */
export const routesFor = memo((scope: Scope): ReadonlyMap<string, readonly VirtualHostInput[]> => {
  if (!scope.egress) return inferredRoutes(scope);
  const routes = new Map<string, readonly VirtualHostInput[]>();
  for (const { listener, scope: part } of scope.egress) {
    const found = listener.port ? egressRoutes(part, listener, listener.port) : inferredRoutes(part);
    for (const [name, hosts] of found) if (!routes.has(name)) routes.set(name, hosts); // ports of listeners before are theirs
  }
  return routes;
});

type Routes = ReadonlyMap<string, readonly VirtualHostInput[]>;

/** The routes of a listener with a port or socket: of its own protocol, whatever the services say. */
function egressRoutes(scope: Scope, listener: EgressListener, { number, protocol }: ServicePort): Routes {
  if (protocol !== "AUTO" && !isHttp(protocol)) return new Map();
  const name = egressRouteName(listener);
  if (!listener.allPorts) return new Map([[name, hostsOnPort(scope, number, egressPlaces(scope, String(number)))]]);
  const places = allPlaces(scope, name).map((place) => serviceHost(scope, place));
  return new Map([[name, [...places, catchAllInput(scope, name, number)]]]);
}

const inferredRoutes = memo((scope: Scope): Routes => {
  const { shared, detected } = routePlanFor(scope);
  const routes = new Map<string, readonly VirtualHostInput[]>();
  for (const [port, places] of shared) routes.set(routeName(port), hostsOnPort(scope, port, places));
  for (const place of detected) routes.set(place.routeName, [serviceHost(scope, place)]);
  return routes;
});

/** Hosts that only VirtualServices name come first, as in Istio: one such as `reviews.prod` means what its author wrote. */
function hostsOnPort(scope: Scope, port: number, places: readonly ServicePlace[]): VirtualHostInput[] {
  const name = routeName(port);
  const taken = new Set<string>();
  const hosts: VirtualHostInput[] = [];
  for (const { host, virtualService } of strangersOn(scope, port)) {
    const domain = host.includes(":") ? `[${host}]` : host;
    if (domain === "*" || taken.has(domain.toLowerCase())) continue; // `*` belongs to the catch-all
    taken.add(domain.toLowerCase());
    const place = { settings: scope.settings, byHostname: destinationsIn(scope), routeName: name, host, port };
    hosts.push(virtualHostInput({ ...place, domains: singleDomain(virtualService, domain) }, virtualService));
  }
  const left = taken.size === 0 ? places : places.flatMap((place) => remaining(place, taken));
  return [...hosts, ...left.map((place) => serviceHost(scope, place)), catchAllInput(scope, name, port)];
}

function destinationsIn({ byHostname, destinations = byHostname }: Scope): Scope["byHostname"] {
  return destinations;
}

/** The place with the domains that are not taken; the same place where it loses none. */
function remaining(place: ServicePlace, taken: ReadonlySet<string>): ServicePlace[] {
  if (!place.domains.some((domain) => taken.has(domain.toLowerCase()))) return [place];
  const domains = without(place.domains, taken);
  return domains.length === 0 ? [] : [{ ...place, domains }];
}

function serviceHost(scope: Scope, place: ServicePlace): VirtualHostInput {
  return virtualHostInput(place, virtualServiceFor(scope, place.host, place.port));
}
