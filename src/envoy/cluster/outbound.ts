import { memo, memo2 } from "../../lib/index.ts";
import type { EndpointSet, MeshSettings, VisibleService } from "../../mesh/index.ts";
import { assembler } from "../endpoint/assembly.ts";
import { buildAssignment, sightOf } from "../endpoint/assignment.ts";
import { blind, joinSights, memoClient, type Client, type Sight } from "../endpoint/client.ts";
import type { Resource } from "../resource.ts";
import { buildOutboundCluster } from "./cluster.ts";
import { buildDns, buildDynamicDns, buildEds, buildOriginalDst } from "./discovery.ts";
import { blackHole, passthrough } from "./passthrough.ts";
import { targetForGateways, targetsFor, type Target } from "./target.ts";

type ClusterFor = (endpoints: () => EndpointSet, client: Client) => Resource;

/** The clusters of one service; most are functions of nothing else, those that resolve names hold their endpoints inside. */
const serviceClusters = memo2((settings: MeshSettings, visible: VisibleService): readonly ClusterFor[] =>
  targetsFor(visible).map((target) => clusterFor(target, settings)),
);

function clusterFor(target: Target, settings: MeshSettings): ClusterFor {
  const ofGateways = targetForGateways(target);
  if (!ofGateways) return clusterOf(target, settings);
  const [plain, other] = [clusterOf(target, settings), clusterOf(ofGateways, settings)];
  return (endpoints, client) => (client.isGateway ? other : plain)(endpoints, client);
}

function clusterOf(target: Target, settings: MeshSettings): ClusterFor {
  switch (target.discovery) {
    case "EDS": {
      const cluster = buildOutboundCluster(target, settings, buildEds(), false);
      return () => cluster;
    }
    case "DYNAMIC_DNS": {
      const cluster = buildOutboundCluster(target, settings, buildDynamicDns(target), false);
      return () => cluster;
    }
    case "ORIGINAL_DST": {
      const build = (allMesh: boolean) => buildOutboundCluster(target, settings, buildOriginalDst(target), allMesh);
      const variants: { mesh?: Resource; plain?: Resource } = {};
      return (endpoints) =>
        isAllMesh(endpoints()) ? (variants.mesh ??= build(true)) : (variants.plain ??= build(false));
    }
    case "STRICT_DNS":
    case "LOGICAL_DNS": {
      const bySet = memo((set: EndpointSet) =>
        memoClient(clusterSight(target, settings), (client) => buildDnsCluster(target, settings, set, client)),
      );
      return (endpoints, client) => bySet(endpoints())(client);
    }
  }
}

function buildDnsCluster(target: Target, settings: MeshSettings, set: EndpointSet, client: Client): Resource {
  const assignment = buildAssignment(target, set, settings, client);
  return buildOutboundCluster(target, settings, buildDns(target, assignment, settings, client.families), false);
}

const isAllMesh = memo(
  ({ endpoints }: EndpointSet) => endpoints.length > 0 && endpoints.every(({ meshMtls }) => meshMtls),
);

function clusterSight(target: Target, settings: MeshSettings): Sight {
  const isGateway = targetForGateways(target) !== undefined;
  const named = target.discovery === "STRICT_DNS" || target.discovery === "LOGICAL_DNS";
  if (named) return { ...sightOf(target, settings), families: true, isGateway };
  return isGateway ? { ...blind, isGateway } : blind;
}

const serviceSight = memo2((settings: MeshSettings, visible: VisibleService) =>
  joinSights(targetsFor(visible).map((target) => clusterSight(target, settings))),
);

/**
 * Every cluster a proxy may send to, by name: `outbound|port|subset|host`, PassthroughCluster and BlackHoleCluster. All proxies of a
 * scope get the same map; only clusters of DNS names differ with the client's IP versions (and locality, where a rule asks for it).
 */
export const outboundClusters = assembler({
  sight: (services, settings) => joinSights(services.map((visible) => serviceSight(settings, visible))),
  reads: (services) => services.filter((visible) => targetsFor(visible).some(({ discovery }) => discovery !== "EDS")),
  of: (visible, settings, endpoints, client) =>
    serviceClusters(settings, visible).map((cluster) => cluster(() => endpoints(visible), client)),
  rest: (settings) => [passthrough(settings), blackHole(settings)],
});
