import { Cluster_DiscoveryType as Type, type Cluster } from "../../../generated/envoy/config/cluster/v3/cluster.ts";
import type { ClusterLoadAssignment } from "../../../generated/envoy/config/endpoint/v3/endpoint.ts";
import { DnsLookupFamily as Lookup } from "../../../generated/envoy/extensions/clusters/common/dns/v3/dns.ts";
import { ClusterConfig } from "../../../generated/envoy/extensions/clusters/dynamic_forward_proxy/v3/cluster.ts";
import { DnsCluster } from "../../../generated/envoy/extensions/clusters/dns/v3/dns_cluster.ts";
import type { MeshSettings } from "../../mesh/index.ts";
import { durationFrom } from "../duration.ts";
import type { Families } from "../listener/families.ts";
import { dnsCache } from "../dynamic-dns.ts";
import { packAny } from "../resource.ts";
import { adsSource } from "./ads-source.ts";
import { nameFromHost } from "./origin-tls.ts";
import type { Target } from "./target.ts";

/** Istio's default; a record's own TTL goes before it. */
const dnsRefresh = "60s";

/** Endpoints by EDS: a change of them leaves the cluster alone. */
export function buildEds(): Partial<Cluster> {
  return { type: Type.EDS, edsClusterConfig: { edsConfig: adsSource, serviceName: "" } }; // "": by its own name
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
 * Names that requests carry. Envoy asks for a word that the server's name is not to be checked; plaintext has none, and a policy may name it.
 * https://www.envoyproxy.io/docs/envoy/v1.40.0/api-v3/extensions/clusters/dynamic_forward_proxy/v3/cluster.proto
 */
export function buildDynamicDns(target: Target): Partial<Cluster> {
  const { autoSni, autoSanValidation } = nameFromHost(target);
  const config = ClusterConfig.fromPartial({
    dnsCacheConfig: dnsCache,
    allowInsecureClusterOptions: !autoSni || !autoSanValidation,
  });
  return { clusterType: { name: "envoy.clusters.dynamic_forward_proxy", typedConfig: packAny(ClusterConfig, config) } };
}

/**
 * Names that Envoy looks up itself, in the versions of IP that the workload speaks. DNS_ROUND_ROBIN takes one name, and whatever its
 * answers are, as one host. As an extension, because Envoy 1.40 warns about the DNS fields of the cluster itself.
 * https://istio.io/latest/docs/reference/config/networking/service-entry/#ServiceEntry-Resolution
 */
export function buildDns(
  { discovery }: Target,
  assignment: ClusterLoadAssignment,
  settings: MeshSettings,
  families: Families | undefined,
): Partial<Cluster> {
  const names = assignment.endpoints.reduce((sum, { lbEndpoints }) => sum + lbEndpoints.length, 0);
  const dns = DnsCluster.fromPartial({
    dnsLookupFamily: lookupFor(families),
    dnsRefreshRate: durationFrom(settings.config.dnsRefreshRate ?? dnsRefresh),
    respectDnsTtl: true,
    allAddressesInSingleEndpoint: discovery === "LOGICAL_DNS" && names === 1,
  });
  return {
    clusterType: { name: "envoy.cluster.dns", typedConfig: packAny(DnsCluster, dns) },
    loadAssignment: assignment,
  };
}

function lookupFor({ v4, v6 }: Pick<Families, "v4" | "v6"> = { v4: true, v6: false }): Lookup {
  if (v4 && v6) return Lookup.V4_PREFERRED;
  return v6 ? Lookup.V6_ONLY : Lookup.V4_ONLY;
}
