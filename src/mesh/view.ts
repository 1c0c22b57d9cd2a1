import { memo } from "../lib/index.ts";
import { noEndpoints } from "./endpoint.ts";
import { inboundFor } from "./inbound.ts";
import { scopeFor } from "./scope.ts";
import { sidecarFor } from "./sidecar.ts";
import { indexOf } from "./snapshot-index.ts";
import type { EndpointSet, Proxy, ProxyView, Service, Snapshot } from "./types.ts";

/** One function for each snapshot of endpoints: what is made of it is made once for all proxies that see the same services. */
const endpointsIn = memo(
  (byService: ReadonlyMap<Service, EndpointSet>): ProxyView["endpoints"] =>
    ({ service }) =>
      byService.get(service) ?? noEndpoints,
);

/** Everything that may be known about one proxy. Proxies with the same sight share the scope, over snapshots too while nothing of it changes. */
export function viewFor(snapshot: Snapshot, proxy: Proxy): ProxyView {
  const { sight, registry, virtualServices, endpoints, served, peerAuthentications, scopes, inbounds } =
    indexOf(snapshot);
  const { namespace, labels } = proxy;
  const { settings, sidecars } = snapshot;
  const sidecar = // gateways ignore Sidecars
    proxy.type === "router" ? undefined : sidecarFor(sidecars, settings.rootNamespace, namespace, labels);
  const source = { sight, services: registry.services, virtualServices: virtualServices.all, scopes };
  const { byService } = endpoints;
  return Object.freeze({
    proxy,
    scope: scopeFor(source, { namespace, labels, sidecar }),
    inbound: inboundFor({ served, peerAuthentications, inbounds }, proxy, sidecar),
    endpoints: endpointsIn(byService),
  } satisfies ProxyView);
}
