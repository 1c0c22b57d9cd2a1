import { memo, memo2, memo3 } from "../lib/index.ts";
import { clientCredentialsFor } from "./client-credentials.ts";
import { wholeService } from "./egress-listener.ts";
import { noEndpoints } from "./endpoint.ts";
import { envoyPatchesFor } from "./envoy-filter.ts";
import { gatewayFor } from "./gateway/gateway.ts";
import { secretLookup } from "./gateway/secret-lookup.ts";
import { inboundFor, type InboundSource } from "./inbound.ts";
import { wantsOnDemandClusters } from "./on-demand.ts";
import { scopeFor, type ScopeSource } from "./scope.ts";
import { hitsOf, type Hit } from "./served.ts";
import { sidecarFor, type SidecarObject } from "./sidecar.ts";
import { indexOf } from "./snapshot-index.ts";
import type { Snapshot } from "./snapshot-types.ts";
import type { EndpointSet, Inbound, MeshSettings, Proxy, ProxyView, Scope, Service } from "./types.ts";

/** One function for each snapshot of endpoints: what is made of it is made once for all proxies that see the same services. */
const endpointsIn = memo(
  (byService: ReadonlyMap<Service, EndpointSet>): ProxyView["endpoints"] =>
    ({ service }) =>
      byService.get(wholeService(service)) ?? noEndpoints,
);

/** Gateways ignore Sidecars. */
function sidecarOf(
  sidecars: readonly SidecarObject[],
  { rootNamespace }: MeshSettings,
  { type, namespace, labels }: Proxy,
): SidecarObject | undefined {
  return type === "router" ? undefined : sidecarFor(sidecars, rootNamespace, namespace, labels);
}

// A source stays the same object over the snapshots in which nothing of it changes: a proxy asks for its parts once, not once a change.
const scopeOf = memo2((source: ScopeSource, proxy: Proxy): Scope => {
  const { namespace, labels } = proxy;
  return scopeFor(source, { namespace, labels, sidecar: sidecarOf(source.sidecars, source.sight.settings, proxy) });
});

const inboundOf = memo3((source: InboundSource, hits: readonly Hit[], proxy: Proxy): Inbound =>
  inboundFor(source, hits, proxy, sidecarOf(source.sidecars, source.settings, proxy)),
);

/** Everything that may be known about one proxy. Proxies with the same sight share the scope, over snapshots too while nothing of it changes. */
export function viewFor(snapshot: Snapshot, proxy: Proxy): ProxyView {
  const index = indexOf(snapshot);
  const { scopeSource, inboundSource, served, endpoints } = index;
  const inbound = inboundOf(inboundSource, hitsOf(served, proxy), proxy);
  const scope = scopeOf(scopeSource, proxy);
  return Object.freeze({
    proxy,
    scope,
    inbound,
    ...(proxy.type === "router" && { gateway: gatewayFor(index, proxy, inbound) }),
    endpoints: endpointsIn(endpoints.byService),
    credentials: clientCredentialsFor(proxy, scope.services, () => secretLookup(index, proxy)),
    onDemandClusters: wantsOnDemandClusters(snapshot, proxy),
    envoyPatches: envoyPatchesFor(snapshot.envoyFilters, snapshot.settings.rootNamespace, proxy),
  } satisfies ProxyView);
}
