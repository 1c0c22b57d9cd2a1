import { ClusterLoadAssignment } from "../../../generated/envoy/config/endpoint/v3/endpoint.ts";
import type { Endpoint, EndpointSet, MeshSettings } from "../../mesh/index.ts";
import { localityRuleFor } from "../cluster/locality-setting.ts";
import type { Target } from "../cluster/target.ts";
import { goesByMeshTls } from "../cluster/transport-socket.ts";
import { isIpAddress, isUnixPath } from "./address.ts";
import { blind, type Client, type Sight } from "./client.ts";
import { distribute } from "./distribute.ts";
import { failover, failoverLabels } from "./failover.ts";
import { buildLbEndpoint } from "./lb-endpoint.ts";
import { groupByLocality, type Group } from "./locality.ts";
import { endpointsReached, type Reach } from "./networks.ts";
import { endpointsSpoken, hasBothVersions } from "./versions.ts";

/**
 * The endpoints of a cluster as one client should use them. Endpoints that are not ready are left out, as in Istio: as unhealthy ones
 * they would get traffic when Envoy panics. https://www.envoyproxy.io/docs/envoy/v1.40.0/api-v3/config/endpoint/v3/endpoint.proto
 */
export function buildAssignment(
  target: Target,
  set: EndpointSet,
  settings: MeshSettings,
  client: Client,
  reach: Reach = "all",
): ClusterLoadAssignment {
  const port = target.port.name;
  const spoken = hasBothVersions(set) ? endpointsSpoken(set.endpoints, client.families) : set.endpoints;
  const usable = endpointsReached(
    spoken.filter((endpoint) => serves(endpoint, target)),
    client.network,
    { settings, port, isMeshTls: (endpoint) => goesByMeshTls(target, settings, endpoint), reach },
  );
  return ClusterLoadAssignment.fromPartial({
    clusterName: target.name,
    endpoints: place(groupByLocality(usable), target, settings, client).map((group) => ({
      locality: { region: group.locality.region, zone: group.locality.zone, subZone: group.locality.subzone },
      lbEndpoints: group.endpoints.map((endpoint) => buildLbEndpoint(endpoint, endpoint.ports[port] ?? 0)),
      loadBalancingWeight: group.weight,
      priority: group.priority,
    })),
  });
}

function place(groups: readonly Group[], target: Target, settings: MeshSettings, client: Client): readonly Group[] {
  const rule = localityRuleFor(target, settings);
  switch (rule?.kind) {
    case "distribute":
      return client.locality ? distribute(groups, rule.distribute, client.locality) : groups;
    case "failover":
      return failover(groups, rule, client);
    case undefined:
      return groups;
  }
}

/** What of the client the assignment of a target depends on. */
export function sightOf(target: Target, settings: MeshSettings): Sight {
  const rule = localityRuleFor(target, settings);
  if (!rule) return blind;
  if (rule.kind === "distribute") return { ...blind, locality: true };
  const byPlace = rule.failoverPriority.length === 0 || rule.failover.length > 0;
  return { ...blind, locality: byPlace, labels: failoverLabels(rule) };
}

function serves({ address, ports, labels, healthy }: Endpoint, { port, subset, discovery }: Target): boolean {
  if (!healthy || !Object.hasOwn(ports, port.name)) return false;
  if (!Object.entries(subset?.labels ?? {}).every(([name, value]) => labels[name] === value)) return false;
  // Envoy looks names up in DNS clusters only, and takes sockets of the file system only in the others.
  return discovery === "EDS" ? isIpAddress(address) || isUnixPath(address) : !isUnixPath(address);
}
