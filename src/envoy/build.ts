import type { GatewayView, ProxyView } from "../mesh/index.ts";
import { inboundClusters, outboundClusters, sniAssignments, sniClusters } from "./cluster/index.ts";
import { endpointAssignments, nearAssignments } from "./endpoint/index.ts";
import { patchResources } from "./envoy-filter/index.ts";
import { familiesFor, gatewayListeners, inboundListeners, outboundListeners } from "./listener/index.ts";
import { memo2 } from "../lib/index.ts";
import { memoList } from "./memo-list.ts";
import { onDemandFor } from "./on-demand.ts";
import type { LeftOut, ProxyResources, ResourceMap, ResourceSet } from "./resource.ts";
import { gatewayRoutes, routeConfigurations } from "./route/index.ts";

/** What the stream can do. */
export interface BuildOptions {
  /** Virtual hosts travel one by one (delta streams); else inside their route configuration. */
  readonly vhds: boolean;
  /** Clusters can be asked for one by one (delta streams), where the proxy wants that; true where not said. */
  readonly onDemandClusters?: boolean;
  /** EnvoyFilters that the proxy has refused. */
  readonly without?: readonly LeftOut[];
}

const none: ResourceMap = new Map();

/**
 * Everything one sidecar is served, in the order it is pushed. Each part is memoized where it is built, so proxies of one scope (for
 * endpoints: and of one locality) get the very same `shared` object, and a map in which nothing changed is the same
 * object in the next build: who compares by identity sees what there is to send.
 */
export function buildResources(view: ProxyView, options: BuildOptions): ProxyResources {
  const { scope, proxy } = view;
  if (view.gateway) return buildGateway(view, view.gateway, options);
  const onDemand = view.onDemandClusters && options.onDemandClusters !== false;
  const routes = routeConfigurations(scope, { vhds: options.vhds, onDemand });
  const shared = resourceSet([
    outboundClusters(view),
    endpointAssignments(view),
    outboundListeners(scope, familiesFor(proxy), view.endpoints),
    routes.rds,
    routes.vhds,
  ]);
  const own = resourceSet([inboundClusters(view), none, inboundListeners(view, shared.lds), none, none]);
  return patched([shared, own], view, options, onDemand);
}

/** With what EnvoyFilters change; clusters on demand are told of what comes out of it. */
function patched(
  sets: readonly [ResourceSet, ResourceSet],
  view: ProxyView,
  options: BuildOptions,
  onDemand: boolean,
): ProxyResources {
  const of = onDemand ? onDemandResourcesOf : resourcesOf;
  if (view.envoyPatches.length === 0) return of(sets);
  const result = patchResources(sets, view, options.without);
  return result.leftOut.length === 0 ? of(result.sets) : withLeftOut(of(result.sets), result.leftOut);
}

/** What a gateway is served: the mesh's clusters, and the servers of its Gateways. Nothing of it is one replica's own. */
function buildGateway(view: ProxyView, served: GatewayView, options: BuildOptions): ProxyResources {
  const gateway = served.listeners;
  const { scope, proxy } = view;
  const routes = gatewayRoutes(scope, gateway, options);
  const assignments = endpointAssignments(view);
  const shared = resourceSet([
    joined(outboundClusters(view), sniClusters(scope, gateway)),
    joined(
      assignments,
      sniAssignments(scope, gateway, () => nearAssignments(view)),
    ),
    gatewayListeners(scope, served, familiesFor(proxy), view.inbound.rateLimits),
    routes.rds,
    routes.vhds,
  ]);
  return patched([shared, resourceSet([none, none, none, none, none])], view, options, false);
}

const joined = memo2((a: ResourceMap, b: ResourceMap): ResourceMap => (b.size === 0 ? a : new Map([...a, ...b])));

/** The same maps, the same set. */
const resourceSet = memoList(
  ([cds = none, eds = none, lds = none, rds = none, vhds = none]: readonly ResourceMap[]): ResourceSet =>
    Object.freeze({ cds, eds, lds, rds, vhds }),
);

const withLeftOut = memo2((resources: ProxyResources, leftOut: readonly LeftOut[]): ProxyResources =>
  Object.freeze({ ...resources, leftOut }),
);

const resourcesOf = memoList(([shared, own]: readonly ResourceSet[]): ProxyResources => {
  if (!shared || !own) throw new Error("a proxy has a shared and an own set");
  return Object.freeze({ shared, own });
});

const onDemandResourcesOf = memoList((sets: readonly ResourceSet[]): ProxyResources => {
  const resources = resourcesOf(sets);
  return Object.freeze({ ...resources, onDemand: onDemandFor(resources) });
});
