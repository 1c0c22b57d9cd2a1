import { TrafficDirection } from "../../../generated/envoy/config/core/v3/base.ts";
import { Listener } from "../../../generated/envoy/config/listener/v3/listener.ts";
import { memo2, memoNamed } from "../../lib/index.ts";
import type { Inbound, InboundPort, MeshSettings, ProxyView } from "../../mesh/index.ts";
import { durationFrom } from "../duration.ts";
import { encodeResource, type Resource } from "../resource.ts";
import { familiesFor, isV6, socketAddress } from "./families.ts";
import { portChains } from "./inbound-chains.ts";
import { inspectorsFor } from "./listener-filters.ts";

/**
 * A port of a Sidecar with captureMode NONE: callers connect to it, on the address that it names or else the workload's own, and
 * iptables has no part in it. All addresses means the own one too, for Envoy refuses a second listener for `0.0.0.0` and a port, which
 * HTTP services of this port have. https://istio.io/latest/docs/reference/config/networking/sidecar/#CaptureMode
 */
export function boundListenerFor({ proxy, inbound, scope: { settings } }: ProxyView, port: InboundPort): Resource {
  const { bind = "" } = port.listener ?? {};
  const own = proxy.addresses.find((address) => bind === "" || isV6(address) === isV6(bind));
  const address = bind !== "" && !wildcards.has(bind) ? bind : (own ?? familiesFor(proxy).wildcards[0]);
  return build(port, inbound)(settings, address);
}

const wildcards: ReadonlySet<string> = new Set(["0.0.0.0", "::"]);

const build = memo2((port: InboundPort, inbound: Inbound) =>
  memoNamed((settings: MeshSettings, address: string): Resource => {
    const name = `${address}_${port.port}`;
    const chains = portChains(port, inbound, settings, address);
    const listener = Listener.fromPartial({
      name,
      address: socketAddress(address, port.port),
      trafficDirection: TrafficDirection.INBOUND,
      listenerFilters: inspectorsFor(chains.map(({ match }) => match)),
      continueOnListenerFiltersTimeout: true,
      listenerFiltersTimeout: durationFrom(settings.protocolDetectionTimeout),
      filterChains: chains.map(({ chain }) => chain),
    });
    return encodeResource("lds", name, Listener, listener, [{ object: port.service.object, field: ["spec"] }]);
  }),
);
