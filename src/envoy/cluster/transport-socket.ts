import type { Cluster } from "../../../generated/envoy/config/cluster/v3/cluster.ts";
import { TransportSocket } from "../../../generated/envoy/config/core/v3/base.ts";
import { ProxyProtocolConfig_Version } from "../../../generated/envoy/config/core/v3/proxy_protocol.ts";
import { ProxyProtocolUpstreamTransport } from "../../../generated/envoy/extensions/transport_sockets/proxy_protocol/v3/upstream_proxy_protocol.ts";
import { RawBuffer } from "../../../generated/envoy/extensions/transport_sockets/raw_buffer/v3/raw_buffer.ts";
import { UpstreamTlsContext } from "../../../generated/envoy/extensions/transport_sockets/tls/v3/tls.ts";
import type { MeshSettings } from "../../mesh/index.ts";
import { packAny } from "../resource.ts";
import { buildMeshTls } from "./mesh-tls.ts";
import { buildOriginTls } from "./origin-tls.ts";
import type { Target } from "./target.ts";

type Sockets = Partial<Pick<Cluster, "transportSocket" | "transportSocketMatches">>;

const rawBuffer = TransportSocket.fromPartial({
  name: "envoy.transport_sockets.raw_buffer",
  typedConfig: packAny(RawBuffer, {}),
});

/** The endpoint metadata by which a cluster knows which of its endpoints speak mesh mTLS. */
export const meshEndpointMatch = { tlsMode: "istio" };

/**
 * What carries the bytes: the rule's TLS; without one, mesh mTLS to those endpoints that have a sidecar (auto mTLS). A cluster of
 * original destinations has no endpoint metadata to tell by: there `allMesh`, whether every known endpoint has one, decides for all.
 * https://istio.io/latest/docs/ops/configuration/traffic-management/tls-configuration/#auto-mtls
 */
export function buildTransportSockets(target: Target, settings: MeshSettings, allMesh: boolean): Sockets {
  const { tls, proxyProtocol } = target.policy;
  const wrap = (socket: TransportSocket | undefined): TransportSocket | undefined =>
    proxyProtocol ? buildProxyProtocol(proxyProtocol.version, socket ?? rawBuffer) : socket;
  if (tls || !autoMtls(target, settings)) return single(wrap(tls && buildTls(target, settings)));
  const mesh = tlsSocket(buildMeshTls(target, settings));
  if (target.discovery === "ORIGINAL_DST" || target.discovery === "DYNAMIC_DNS")
    return single(wrap(allMesh ? mesh : undefined));
  const match = { name: "tlsMode-istio", match: { ...meshEndpointMatch }, transportSocket: wrap(mesh) };
  return { transportSocketMatches: [match], ...single(wrap(undefined)) }; // what matches nothing gets the cluster's own: plaintext
}

/** Whether the mesh's own TLS goes to an endpoint that speaks it, or to one that does not say so. */
export function goesByMeshTls(
  target: Target,
  settings: MeshSettings,
  { meshMtls }: { readonly meshMtls: boolean },
): boolean {
  const { tls } = target.policy;
  return tls ? tls.mode === "ISTIO_MUTUAL" : meshMtls && autoMtls(target, settings);
}

function autoMtls({ visible, port }: Target, settings: MeshSettings): boolean {
  return settings.autoMtls && !visible.service.meshExternal && visible.mtls[port.number] !== "DISABLE";
}

function buildTls(target: Target, settings: MeshSettings): TransportSocket | undefined {
  const { tls } = target.policy;
  switch (tls?.mode) {
    case "ISTIO_MUTUAL":
      return tlsSocket(buildMeshTls(target, settings, tls));
    case "SIMPLE":
    case "MUTUAL":
      return tlsSocket(buildOriginTls(target, tls));
    case "DISABLE":
    case undefined: // TLS settings without a mode mean DISABLE
      return undefined;
  }
}

function tlsSocket(context: UpstreamTlsContext): TransportSocket {
  return TransportSocket.fromPartial({
    name: "envoy.transport_sockets.tls",
    typedConfig: packAny(UpstreamTlsContext, context),
  });
}

/** Tells the upstream who called, before the first byte: https://www.haproxy.org/download/1.8/doc/proxy-protocol.txt */
function buildProxyProtocol(version: "V1" | "V2" | undefined, inner: TransportSocket): TransportSocket {
  const transport = ProxyProtocolUpstreamTransport.fromPartial({
    config: { version: version === "V2" ? ProxyProtocolConfig_Version.V2 : ProxyProtocolConfig_Version.V1 },
    transportSocket: inner,
  });
  return TransportSocket.fromPartial({
    name: "envoy.transport_sockets.upstream_proxy_protocol",
    typedConfig: packAny(ProxyProtocolUpstreamTransport, transport),
  });
}

function single(socket: TransportSocket | undefined): Sockets {
  return socket ? { transportSocket: socket } : {};
}
