import type { AccessLog } from "../../../generated/envoy/config/accesslog/v3/accesslog.ts";
import { TrafficDirection } from "../../../generated/envoy/config/core/v3/base.ts";
import { Listener } from "../../../generated/envoy/config/listener/v3/listener.ts";
import { memo3 } from "../../lib/index.ts";
import { sidecarPorts, type Inbound, type MeshSettings, type ProxyView } from "../../mesh/index.ts";
import { durationFrom } from "../duration.ts";
import { accessLogs } from "../http/index.ts";
import { memoList } from "../memo-list.ts";
import { virtualInbound } from "../names.ts";
import { encodeResource, type Provenance, type Resource, type ResourceMap } from "../resource.ts";
import { boundListenerFor } from "./bound-inbound.ts";
import { additionalAddresses, familiesFor, socketAddress, type Families } from "./families.ts";
import { passthroughChains, portChains, type InboundChain } from "./inbound-chains.ts";
import { inspectorsFor, originalDst } from "./listener-filters.ts";
import { loopGuard } from "./virtual-outbound.ts";

/** Where iptables turns what is sent to the workload. */
const inboundPort = 15006;

/**
 * The listener that all inbound traffic enters by: for each port the ways in that its protocol and its mTLS mode allow, for ports that no
 * service names the same towards the address that was called, and a guard against connections to the listener's own port.
 * What no chain takes is closed: plaintext to a STRICT port is never passed on.
 * https://istio.io/latest/docs/concepts/security/#authentication-policies
 */
function inboundListener({ proxy, inbound, scope }: ProxyView): Resource {
  return build(inbound, scope.settings, familiesFor(proxy));
}

/**
 * The listeners that are the workload's own: virtualInbound, and those of a Sidecar that are really bound. An address that an outbound
 * listener has (of a headless service that the workload belongs to) is not free for another one, nor is a port of each sidecar's own.
 */
export function inboundListeners(view: ProxyView, outbound: ResourceMap): ResourceMap {
  const bound = view.inbound.ports
    .filter(({ listener, port }) => listener?.bound && !sidecarPorts.has(port))
    .map((port) => boundListenerFor(view, port))
    .filter(({ name }) => !outbound.has(name));
  return mapOf([inboundListener(view), ...bound]);
}

const mapOf = memoList(
  (listeners: readonly Resource[]): ResourceMap => new Map(listeners.map((listener) => [listener.name, listener])),
);

const build = memo3((inbound: Inbound, settings: MeshSettings, families: Families): Resource => {
  const chains = [
    ...passthroughChains(inbound, settings),
    ...inbound.ports.filter(({ listener }) => !listener?.bound).flatMap((port) => portChains(port, inbound, settings)),
  ];
  const matches = chains.map(({ match }) => match);
  const listener = Listener.fromPartial({
    name: virtualInbound,
    address: socketAddress(families.wildcards[0], inboundPort),
    additionalAddresses: additionalAddresses(families, inboundPort),
    trafficDirection: TrafficDirection.INBOUND,
    listenerFilters: [originalDst, ...inspectorsFor(matches)],
    continueOnListenerFiltersTimeout: true,
    listenerFiltersTimeout: durationFrom(settings.protocolDetectionTimeout),
    filterChains: [
      loopGuard(settings, `${virtualInbound}-blackhole`, inboundPort),
      ...chains.map(({ chain }: InboundChain) => chain),
    ],
    accessLog: refusals(settings),
  });
  return encodeResource("lds", virtualInbound, Listener, listener, provenanceOf(inbound));
});

/** The listener's own log holds what no chain took, for instance plaintext under STRICT. */
function refusals(settings: MeshSettings): AccessLog[] {
  return accessLogs(settings).map((log) => ({ ...log, filter: { responseFlagFilter: { flags: ["NR"] } } }));
}

function provenanceOf({ peerAuthentications, rateLimits, ports }: Inbound): Provenance[] {
  const services = new Set(ports.map(({ service }) => service.object));
  return [
    ...peerAuthentications.map((object) => ({ object, field: ["spec", "mtls"] })),
    ...rateLimits.map(({ object }) => ({ object, field: ["spec", "rules"] })),
    ...[...services].map((object) => ({ object, field: ["spec", "ports"] })),
  ];
}
