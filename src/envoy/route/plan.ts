import { memo, memo3, memoNamed } from "../../lib/index.ts";
import type { MeshSettings, Scope, Service, ServicePort, VisibleService } from "../../mesh/index.ts";
import { isHttp, routeName } from "../names.ts";
import { DomainClaims, domainsFor, singleDomain } from "./domains.ts";
import type { Place } from "./virtual-host-input.ts";

/** The place of a service among the virtual hosts. */
export type ServicePlace = Place & { readonly service: Service };

/** What the services of a scope make of its routes before any VirtualService is heeded. */
export interface RoutePlan {
  /** Services that meet on a port, no two of which have a domain in common. */
  readonly shared: ReadonlyMap<number, readonly ServicePlace[]>;
  /** Ports whose protocol is told from the first bytes, on listeners of the service's own. */
  readonly detected: readonly ServicePlace[];
}

/** The plan of a scope: the same object while only VirtualServices change. */
export function routePlanFor(scope: Scope): RoutePlan {
  const { settings, services, namespace, byHostname, destinations = byHostname } = scope;
  return plans(settings, services, callers(settings, namespace))(destinations);
}

const callers = memoNamed((_settings: MeshSettings, namespace: string) => Object.freeze({ namespace }));

type Hosts = ReadonlyMap<string, VisibleService>;

const plans = memo3((settings: MeshSettings, services: readonly VisibleService[], caller: { namespace: string }) =>
  memo((byHostname: Hosts): RoutePlan => {
    const { namespace } = caller;
    const context = { settings, byHostname };
    const detected: ServicePlace[] = [];
    const routable = new Map<number, Service[]>();
    const shared = new Set<number>();
    for (const { service } of services) {
      for (const port of service.ports) {
        if (!isRoutable(port)) continue;
        const { number } = port;
        const sameNumber = routable.get(number) ?? [];
        if (sameNumber.at(-1) !== service) routable.set(number, [...sameNumber, service]);
        if (isHttp(port.protocol) || mayMeetOthers(service)) shared.add(number);
        if (isHttp(port.protocol) || !hasOwnListener(service)) continue;
        const place = { routeName: routeName(number, service.hostname), host: service.hostname, port: number };
        detected.push({ ...context, ...place, service, domains: singleDomain(service, "*") });
      }
    }
    const ports = [...shared].sort((a, b) => a - b);
    const plan = (port: number) => planPort(routable.get(port) ?? [], port, namespace, context);
    return { shared: new Map(ports.map((port) => [port, plan(port)])), detected };
  }),
);

/** A port that HTTP may come to: declared as HTTP, or detected. */
export function isRoutable({ protocol }: ServicePort): boolean {
  return isHttp(protocol) || protocol === "AUTO";
}

/** Listeners on the addresses of the service or of its pods; for proxies that answer DNS, on the one that it is given. */
export function hasOwnListener({ headless, resolution, addresses, autoAddresses }: Service): boolean {
  return (
    autoAddresses !== undefined ||
    addresses.some((address) => !address.includes("/")) ||
    headless ||
    resolution === "NONE"
  );
}

/** A listener on all addresses, for want of addresses of the service's own. */
function mayMeetOthers({ headless, addresses }: Service): boolean {
  return !headless && (addresses.length === 0 || addresses.some((address) => address.includes("/")));
}

/** The places of services that meet on a port. */
export function planPort(
  services: readonly Service[],
  port: number,
  namespace: string,
  context: Pick<Place, "settings" | "byHostname">,
): ServicePlace[] {
  const hostnames = new Set(services.map(({ hostname }) => hostname));
  const claims = new DomainClaims();
  const places: ServicePlace[] = [];
  for (const service of services) {
    const { hostname } = service;
    const wanted = domainsFor(service, { settings: context.settings, namespace });
    const domains = claims.claim(wanted, (domain) => domain === hostname || !hostnames.has(domain));
    if (domains.length > 0)
      places.push({ ...context, routeName: routeName(port), host: hostname, port, service, domains });
  }
  return places;
}
