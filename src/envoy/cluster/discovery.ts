import {
  Cluster_DiscoveryType as Type,
  Cluster_DnsLookupFamily as Lookup,
  type Cluster,
} from "../../../generated/envoy/config/cluster/v3/cluster.ts";
import type { ClusterLoadAssignment } from "../../../generated/envoy/config/endpoint/v3/endpoint.ts";
import type { MeshSettings } from "../../mesh/index.ts";
import { durationFrom } from "../duration.ts";
import type { Families } from "../listener/families.ts";
import { adsSource } from "./ads-source.ts";
import type { Target } from "./target.ts";

/** Istio's default; a record's own TTL goes before it. */
const dnsRefresh = "60s";

/** Endpoints by EDS, which an unchanged cluster needs no push for. */
export function buildEds({ name }: Target): Partial<Cluster> {
  return { type: Type.EDS, edsClusterConfig: { edsConfig: adsSource, serviceName: name } };
}

/** Connections go where the application sent them; a ServiceEntry may name another port there. */
export function buildOriginalDst({ visible: { service }, port }: Target): Partial<Cluster> {
  const override = service.registry === "External" && typeof port.targetPort === "number" ? port.targetPort : undefined;
  return {
    type: Type.ORIGINAL_DST,
    ...(override !== undefined &&
      override !== port.number && {
        originalDstLbConfig: { useHttpHeader: false, httpHeaderName: "", upstreamPortOverride: override },
      }),
  };
}

/**
 * Names that Envoy looks up itself. LOGICAL_DNS takes one name only, and only in the versions of IP that the workload speaks.
 * https://istio.io/latest/docs/reference/config/networking/service-entry/#ServiceEntry-Resolution
 */
export function buildDns(
  { discovery }: Target,
  assignment: ClusterLoadAssignment,
  settings: MeshSettings,
  families: Families | undefined,
): Partial<Cluster> {
  const names = assignment.endpoints.reduce((sum, { lbEndpoints }) => sum + lbEndpoints.length, 0);
  return {
    type: discovery === "LOGICAL_DNS" && names === 1 ? Type.LOGICAL_DNS : Type.STRICT_DNS,
    dnsLookupFamily: lookupFor(families),
    dnsRefreshRate: durationFrom(settings.config.dnsRefreshRate ?? dnsRefresh),
    respectDnsTtl: true,
    loadAssignment: assignment,
  };
}

function lookupFor({ v4, v6 }: Pick<Families, "v4" | "v6"> = { v4: true, v6: false }): Lookup {
  if (v4 && v6) return Lookup.V4_PREFERRED;
  return v6 ? Lookup.V6_ONLY : Lookup.V4_ONLY;
}
