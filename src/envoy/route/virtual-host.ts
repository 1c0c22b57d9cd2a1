import {
  type Route,
  VirtualHost,
  VirtualHost_TlsRequirementType,
} from "../../../generated/envoy/config/route/v3/route_components.ts";
import { memo } from "../../lib/index.ts";
import type { MeshSettings, ScopedVirtualService, Service } from "../../mesh/index.ts";
import { blackHoleCluster, isForAllPorts, isOverTls } from "../names.ts";
import { encodeResource, type Provenance, type Resource } from "../resource.ts";
import { buildCatchAllRoute, type CatchAll } from "./catch-all.ts";
import { buildDefaultRoute } from "./default-route.ts";
import type { Target } from "./destination.ts";
import { buildGatewayRoutes, buildRoutes } from "./http-route.ts";

/**
 * The whole input of one virtual host; equal inputs are the same object (see virtual-host-input.ts). Its requests go by a
 * VirtualService, else to a service, else as the mesh treats strangers.
 */
export interface VirtualHostInput {
  readonly settings: MeshSettings;
  readonly routeName: string; // of the route configuration
  readonly host: string;
  readonly port: number;
  readonly domains: readonly string[];
  readonly virtualService?: ScopedVirtualService;
  readonly service?: Service;
  readonly catchAll?: CatchAll;
  readonly unclaimed?: string; // of a catch-all: the cluster it leads to
  readonly gateway?: GatewayHost;
  /** By hostname: the services that its routes send to, as far as they are there. */
  readonly targets: ReadonlyMap<string, Target>;
}

/** A host of a gateway: VirtualServices that name it too are merged, and nobody but them answers. */
export interface GatewayHost {
  readonly virtualServices: readonly ScopedVirtualService[]; // in Istio's order of precedence; none: 404
  readonly httpsOnly: boolean; // plain HTTP is told to come back with TLS
}

/**
 * The virtual host as a resource of its own, named `<route configuration>/<host>`. Envoy finds it again by VirtualHost.name,
 * which therefore is the resource's: under another name it would not go away when removed.
 */
export const virtualHostResource = memo((input: VirtualHostInput): Resource => {
  const host = isForAllPorts(input.routeName) && !input.catchAll ? `${input.host}:${input.port}` : input.host;
  const name = `${input.routeName}/${host}`;
  return encodeResource("vhds", name, VirtualHost, buildVirtualHost(input, name), provenanceOf(input));
});

/** The virtual host for a RouteConfiguration that holds its own, encoded, under Istio's name. */
export const inlineVirtualHost = memo((input: VirtualHostInput): Uint8Array => {
  const name = input.catchAll ?? `${input.host}:${input.port}`;
  return VirtualHost.encode(buildVirtualHost(input, name)).finish();
});

function buildVirtualHost(input: VirtualHostInput, name: string): VirtualHost {
  return VirtualHost.fromPartial({
    name,
    domains: [...input.domains],
    routes: buildContent(input),
    includeRequestAttemptCount: true,
    ...(input.gateway?.httpsOnly && { requireTls: VirtualHost_TlsRequirementType.ALL }),
  });
}

function buildContent(input: VirtualHostInput): Route[] {
  const { virtualService, service, catchAll, gateway, settings, port, targets, routeName } = input;
  if (gateway) {
    const context = { port, targets, overTls: isOverTls(routeName) };
    return buildGatewayRoutes(gateway.virtualServices, settings, context);
  }
  if (virtualService) return buildRoutes(virtualService, settings, { port, targets });
  if (service) return [buildDefaultRoute(targets.get(service.hostname) ?? { service }, port, settings)];
  return [buildCatchAllRoute(catchAll ?? "block_all", input.unclaimed ?? blackHoleCluster)];
}

/** What is to blame for a virtual host: the rules it was made of, then the DestinationRules that routes heed, then the service. */
export function provenanceOf(input: VirtualHostInput): Provenance[] {
  const { virtualService, gateway, service, catchAll, targets, settings } = input;
  if (catchAll) return settings.object ? [{ object: settings.object, field: ["spec"] }] : [];
  const rules = [...targets.values()].flatMap(({ rule }) => rule?.objects ?? []);
  return [
    ...[...(virtualService ? [virtualService] : []), ...(gateway?.virtualServices ?? [])].flatMap(({ http, object }) =>
      http.map(({ index }) => ({ object, field: ["spec", "http", index] })),
    ),
    ...rules.map((object) => ({ object, field: ["spec"] })),
    ...(service ? [{ object: service.object, field: ["spec"] }] : []),
  ];
}
