import { TrafficDirection } from "../../../generated/envoy/config/core/v3/base.ts";
import { Listener } from "../../../generated/envoy/config/listener/v3/listener.ts";
import { FilterChain } from "../../../generated/envoy/config/listener/v3/listener_components.ts";
import { memo, memoNamed } from "../../lib/index.ts";
import type { MeshSettings } from "../../mesh/index.ts";
import { blackHoleCluster, virtualOutbound } from "../names.ts";
import { encodeResource, type Resource } from "../resource.ts";
import { additionalAddresses, socketAddress, type Families } from "./families.ts";
import { buildTcpProxy } from "./tcp-proxy.ts";

/** Where iptables turns what the workload sends. https://istio.io/latest/docs/ops/deployment/application-requirements/#ports-used-by-istio */
const outboundPort = 15001;

/** Where traffic goes that no service of the mesh claims. */
export const unclaimedChain = memoNamed<MeshSettings, FilterChain>((settings, cluster) =>
  FilterChain.fromPartial({
    name: "PassthroughFilterChain",
    filters: [buildTcpProxy(settings, cluster, [{ cluster, weight: 1 }])],
  }),
);

const byFamilies = memo((families: Families) =>
  memoNamed((settings: MeshSettings, cluster: string) => build(settings, families, cluster)),
);

/**
 * The listener that all outbound traffic enters by: it hands each connection to the listener of its original destination
 * and keeps what has none. A connection made to its own port would go round for ever: that one is swallowed.
 */
export function virtualOutboundFor(settings: MeshSettings, families: Families, unclaimed: string): Resource {
  return byFamilies(families)(settings, unclaimed);
}

function build(settings: MeshSettings, families: Families, unclaimed: string): Resource {
  const listener = Listener.fromPartial({
    name: virtualOutbound,
    address: socketAddress(families.wildcards[0], outboundPort),
    additionalAddresses: additionalAddresses(families, outboundPort),
    useOriginalDst: true,
    trafficDirection: TrafficDirection.OUTBOUND,
    filterChains: [
      loopGuard(settings, `${virtualOutbound}-blackhole`, outboundPort),
      { ...unclaimedChain(settings, unclaimed), name: `${virtualOutbound}-catchall-tcp` },
    ],
  });
  const provenance = settings.object ? [{ object: settings.object, field: ["spec", "outboundTrafficPolicy"] }] : [];
  return encodeResource("lds", virtualOutbound, Listener, listener, provenance);
}

/** Swallows what was sent to the sidecar's own port. */
export function loopGuard(settings: MeshSettings, name: string, port: number): FilterChain {
  return FilterChain.fromPartial({
    name,
    filterChainMatch: { destinationPort: port },
    filters: [buildTcpProxy(settings, blackHoleCluster, [{ cluster: blackHoleCluster, weight: 1 }])],
  });
}
