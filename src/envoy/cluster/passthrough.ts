import {
  Cluster,
  Cluster_DiscoveryType as Type,
  Cluster_LbPolicy as Lb,
} from "../../../generated/envoy/config/cluster/v3/cluster.ts";
import { memo, memo2 } from "../../lib/index.ts";
import type { MeshSettings } from "../../mesh/index.ts";
import { durationFrom } from "../duration.ts";
import type { Families } from "../listener/families.ts";
import { blackHoleCluster, inboundPassthroughCluster, passthroughCluster } from "../names.ts";
import { encodeResource, type Provenance, type Resource } from "../resource.ts";
import { buildBind } from "./bind.ts";
import { buildConnection } from "./connection.ts";
import { buildProtocolOptions } from "./protocol-options.ts";

/** Connections to anywhere, forgotten after 5 minutes of silence. */
const pool = { http: { idleTimeout: "5m" } };

/** To wherever the application asked: https://istio.io/latest/docs/tasks/traffic-management/egress/egress-control/ */
export const passthrough = memo((settings: MeshSettings): Resource =>
  encode(buildPassthrough(passthroughCluster, settings), settings),
);

/** To whatever port of the workload was asked for, where no service names it. */
export const inboundPassthrough = memo2((settings: MeshSettings, families: Families): Resource =>
  encode(
    { ...buildPassthrough(inboundPassthroughCluster, settings), upstreamBindConfig: buildBind(families) },
    settings,
  ),
);

/** To nowhere: connections that policy refuses end here, and are counted. */
export const blackHole = memo((settings: MeshSettings): Resource =>
  encode(
    Cluster.fromPartial({
      name: blackHoleCluster,
      type: Type.STATIC,
      connectTimeout: durationFrom(settings.connectTimeout),
    }),
    settings,
  ),
);

function buildPassthrough(name: string, settings: MeshSettings): Cluster {
  return Cluster.fromPartial({
    name,
    type: Type.ORIGINAL_DST,
    lbPolicy: Lb.CLUSTER_PROVIDED,
    ...buildConnection({}, settings),
    typedExtensionProtocolOptions: buildProtocolOptions("DOWNSTREAM", pool),
  });
}

function encode(cluster: Cluster, { object }: MeshSettings): Resource {
  const provenance: Provenance[] = object ? [{ object, field: ["spec"] }] : [];
  return encodeResource("cds", cluster.name, Cluster, cluster, provenance);
}
