import { Cluster } from "../../../generated/envoy/config/cluster/v3/cluster.ts";
import { ClusterLoadAssignment } from "../../../generated/envoy/config/endpoint/v3/endpoint.ts";
import { Any } from "../../../generated/google/protobuf/any.ts";
import { memo, memo2 } from "../../lib/index.ts";
import {
  isSubsetOf,
  type GatewayListener,
  type MeshSettings,
  type Scope,
  type VisibleService,
} from "../../mesh/index.ts";
import { memoList } from "../memo-list.ts";
import { outboundSni } from "../names.ts";
import { encodeResource, type Resource, type ResourceMap } from "../resource.ts";
import { buildConnection } from "./connection.ts";
import { buildEds } from "./discovery.ts";
import { buildLoadBalancing } from "./lb.ts";
import { buildOutlierDetection } from "./outlier.ts";
import { targetsFor, type Target } from "./target.ts";

/** A cluster that a gateway passes mesh TLS on to as it comes, by the name that the client put into it. */
export interface SniTarget {
  readonly sni: string; // outbound_.80_.v1_.host: also the cluster's name
  readonly target: Target;
}

/**
 * What servers in mode AUTO_PASSTHROUGH may be asked for: every port and subset of the mesh's services among their hosts, and nothing
 * else. https://istio.io/latest/docs/reference/config/networking/gateway/#ServerTLSSettings-TLSmode
 */
export function sniTargets(services: readonly VisibleService[], hosts: readonly string[]): readonly SniTarget[] {
  return services
    .filter(({ service }) => !service.meshExternal && hosts.some((host) => isSubsetOf(service.hostname, host)))
    .flatMap(targetsOf);
}

const targetsOf = memo((visible: VisibleService): readonly SniTarget[] =>
  targetsFor(visible)
    .filter(({ discovery }) => discovery === "EDS")
    .map((target) => ({ sni: outboundSni(visible.service.hostname, target.port.number, target.subset?.name), target })),
);

/** The clusters of a gateway for AUTO_PASSTHROUGH. */
export function sniClusters({ services, settings }: Scope, listeners: readonly GatewayListener[]): ResourceMap {
  return mapOf(targetsFrom(services, listeners).map((one) => cluster(one, settings)));
}

/** Their endpoints: the services' own, under the cluster's name, for Envoy waits for an answer to each new cluster by its name. */
export function sniAssignments(
  { services }: Scope,
  listeners: readonly GatewayListener[],
  assignments: () => ResourceMap,
): ResourceMap {
  const targets = targetsFrom(services, listeners);
  const known = targets.length === 0 ? none : assignments();
  return mapOf(targets.flatMap((one) => renamed(known.get(one.target.name), one) ?? []));
}

const none: ResourceMap = new Map();

function targetsFrom(services: readonly VisibleService[], listeners: readonly GatewayListener[]): readonly SniTarget[] {
  const servers = listeners.flatMap((listener) => listener.servers);
  const hosts = servers.flatMap((server) => (server.tls?.mode === "AUTO_PASSTHROUGH" ? server.hosts : []));
  return hosts.length === 0 ? [] : sniTargets(services, hosts);
}

function renamed(assignment: Resource | undefined, target: SniTarget): Resource | undefined {
  return assignment && assignmentAs(assignment, target);
}

const assignmentAs = memo2((assignment: Resource, { sni }: SniTarget): Resource => {
  const message = ClusterLoadAssignment.decode(Any.decode(assignment.bytes).value);
  return encodeResource("eds", sni, ClusterLoadAssignment, { ...message, clusterName: sni }, assignment.provenance);
});

const mapOf = memoList(
  (list: readonly Resource[]): ResourceMap => new Map(list.map((resource) => [resource.name, resource])),
);

/** The bytes are TLS between client and server: nothing of ours is put around them, and no HTTP is seen in them. */
const cluster = memo2(({ sni, target }: SniTarget, settings: MeshSettings): Resource => {
  const { outlierDetection } = target.policy;
  const message = Cluster.fromPartial({
    name: sni,
    ...buildConnection(target.policy, settings),
    ...(outlierDetection && { outlierDetection: buildOutlierDetection(outlierDetection) }),
    ...buildLoadBalancing(target, settings),
    ...buildEds(),
  });
  return encodeResource("cds", sni, Cluster, message, target.provenance);
});
