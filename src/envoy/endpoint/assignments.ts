import { ClusterLoadAssignment } from "../../../generated/envoy/config/endpoint/v3/endpoint.ts";
import { memo, memo2, memo3 } from "../../lib/index.ts";
import {
  networkGateways,
  type EndpointSet,
  type MeshSettings,
  type ProxyView,
  type VisibleService,
} from "../../mesh/index.ts";
import { targetsFor, type Target } from "../cluster/target.ts";
import { encodeResource, type Resource, type ResourceMap } from "../resource.ts";
import { assembler, type Recipe } from "./assembly.ts";
import { buildAssignment, sightOf } from "./assignment.ts";
import { joinSights, memoClient } from "./client.ts";
import { crossesNetworks, type Reach } from "./networks.ts";
import { hasBothVersions } from "./versions.ts";

const edsTargets = memo((visible: VisibleService): readonly Target[] =>
  targetsFor(visible).filter(({ discovery }) => discovery === "EDS"),
);

/** The assignments of one service, one for each of its EDS clusters: encoded once for all clients between which it makes no difference. */
function serviceAssignments(reach: Reach) {
  return memo3((settings: MeshSettings, visible: VisibleService, set: EndpointSet) =>
    edsTargets(visible).map((target) => {
      const sight = sightOf(target, settings);
      const own = { families: hasBothVersions(set), network: crossesNetworks(set, settings, reach) };
      const needed = own.families || own.network ? { ...sight, ...own } : sight;
      return memoClient(needed, (client): Resource => {
        const assignment = buildAssignment(target, set, settings, client, reach);
        return encodeResource("eds", target.name, ClusterLoadAssignment, assignment, target.provenance);
      });
    }),
  );
}

const serviceSight = memo2((settings: MeshSettings, visible: VisibleService) =>
  joinSights(edsTargets(visible).map((target) => sightOf(target, settings))),
);

function recipeFor(reach: Reach): Recipe {
  const assignmentsOf = serviceAssignments(reach);
  return {
    sight: (services, settings) => ({
      ...joinSights(services.map((visible) => serviceSight(settings, visible))),
      families: true, // what of it matters shows when the endpoints are known
      network: networkGateways(settings).size > 0,
    }),
    reads: (services) => services.filter((visible) => edsTargets(visible).length > 0),
    of: (visible, settings, endpoints, client) =>
      edsTargets(visible).length === 0
        ? []
        : assignmentsOf(settings, visible, endpoints(visible)).map((assignmentFor) => assignmentFor(client)),
  };
}

/**
 * A ClusterLoadAssignment for each EDS cluster that a proxy is given, by the cluster's name. Proxies of a scope get the same
 * map, unless locality rules or networks tell them apart; a change of one service's endpoints makes new resources for that service only.
 */
export const endpointAssignments = assembler(recipeFor("all"));

const inOwnNetwork = assembler(recipeFor("near"));

/**
 * The same for a gateway that passes the mesh's TLS on: what comes from another network ends in its own, and goes to no third one nor back.
 * On Istio such a gateway asks for it (`ISTIO_META_REQUESTED_NETWORK_VIEW`).
 */
export function nearAssignments(view: ProxyView): ResourceMap {
  const { settings } = view.scope;
  return networkGateways(settings).size === 0 ? endpointAssignments(view) : inOwnNetwork(view);
}
