import { RouteConfiguration } from "../../../generated/envoy/config/route/v3/route.ts";
import { VirtualHost } from "../../../generated/envoy/config/route/v3/route_components.ts";
import type { Scope, ScopedVirtualService, Service } from "../../mesh/index.ts";
import type { HttpRoute, MeshObject } from "../../model/index.ts";
import { messageOf, serviceOf, settings, visibleOf } from "../cluster/test-support.ts";
import { routeConfigurations } from "./index.ts";

/** Hand-made scopes for tests of routes: what is not given is the most ordinary thing. */
export const reviews = serviceOf();

/** A Kubernetes service `name.namespace` with HTTP on port 80. */
export function serviceNamed(name: string, over: Partial<Service> = {}, namespace = "default"): Service {
  return serviceOf({ name, namespace, hostname: `${name}.${namespace}.svc.cluster.local`, addresses: [], ...over });
}

/** A VirtualService as `mesh` hands it over: hosts and destinations are full names. */
export function virtualServiceOf(hosts: readonly string[], ...http: readonly HttpRoute[]): ScopedVirtualService {
  const name = `rules-for-${hosts[0] ?? "nobody"}`;
  const object: MeshObject<"VirtualService"> = {
    kind: "VirtualService",
    apiVersion: "networking.istio.io/v1",
    metadata: { name, namespace: "default", labels: {}, annotations: {} },
    spec: { hosts, http },
    origin: { file: "rules.yaml", at: () => ({ file: "rules.yaml", line: 1, column: 1 }) },
  };
  return { object, hosts, http: http.map((rule, index) => ({ index, rule })), tls: [], tcp: [] };
}

/** A rule that sends everything to one host. */
export function ruleTo(host: string, rest: HttpRoute = {}): HttpRoute {
  return { route: [{ destination: { host } }], ...rest };
}

export function scopeOf(
  services: readonly (Service | ReturnType<typeof visibleOf>)[],
  virtualServices: readonly ScopedVirtualService[] = [],
  over: Partial<Scope> = {},
): Scope {
  const visible = services.map((service) => ("service" in service ? service : visibleOf(undefined, service)));
  return {
    namespace: "default",
    settings,
    services: visible,
    byHostname: new Map(visible.map((one) => [one.service.hostname, one])),
    virtualServices,
    outboundTrafficPolicy: "ALLOW_ANY",
    ...over,
  };
}

export function configurationOf(scope: Scope, name: string): RouteConfiguration {
  return messageOf(RouteConfiguration, routeConfigurations(scope, { vhds: false }).rds, name);
}

/** One virtual host of a scope, as VHDS carries it. */
function virtualHostOf(scope: Scope, name: string): VirtualHost {
  return messageOf(VirtualHost, routeConfigurations(scope, { vhds: true }).vhds, name);
}

/** The routes of reviews on port 80 under these rules, in proto JSON. */
export function routesUnder(...rules: readonly HttpRoute[]): Record<string, unknown>[] {
  const scope = scopeOf([reviews], [virtualServiceOf([reviews.hostname], ...rules)]);
  const json = VirtualHost.toJSON(virtualHostOf(scope, `80/${reviews.hostname}`)) as {
    routes: Record<string, unknown>[];
  };
  return json.routes;
}
