import {
  Http2ProtocolOptions,
  HttpProtocolOptions_HeadersWithUnderscoresAction,
} from "../../generated/envoy/config/core/v3/protocol.ts";
import {
  type HttpConnectionManager,
  HttpConnectionManager_ForwardClientCertDetails,
  httpConnectionManager_ForwardClientCertDetailsFromJSON,
  HttpConnectionManager_PathWithEscapedSlashesAction,
} from "../../generated/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager.ts";
import type { MeshSettings } from "../mesh/index.ts";
import type { GatewayTopology } from "../model/index.ts";

type Hardening = Partial<HttpConnectionManager>;

/**
 * How paths are brought to one form before anybody decides by them; `NONE` leaves them alone.
 * https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/#MeshConfig-ProxyPathNormalization-NormalizationType
 */
export function hardenPaths({ config }: MeshSettings): Hardening {
  const { UNESCAPE_AND_FORWARD } = HttpConnectionManager_PathWithEscapedSlashesAction;
  switch (config.pathNormalization?.normalization) {
    case "NONE":
      return { normalizePath: false };
    case "MERGE_SLASHES":
      return { normalizePath: true, mergeSlashes: true };
    case "DECODE_AND_MERGE_SLASHES":
      return { normalizePath: true, mergeSlashes: true, pathWithEscapedSlashesAction: UNESCAPE_AND_FORWARD };
    case undefined:
    case "DEFAULT":
    case "BASE":
      return { normalizePath: true };
  }
}

/**
 * What a gateway does not take on trust from those outside: the caller's address is the connection's and what `x-forwarded-for` says
 * before it is theirs to say, but for as many proxies before it as the user trusts; a client certificate is this connection's or nobody's; headers must come within ten seconds, and one HTTP/2
 * connection may hold neither more than a hundred streams nor a megabyte of ours. How many connections there may be is in the
 * bootstrap. https://www.envoyproxy.io/docs/envoy/v1.40.0/configuration/best_practices/edge
 */
export function hardenEdge(topology: GatewayTopology = {}): Hardening {
  const { numTrustedProxies = 0, forwardClientCertDetails = "UNDEFINED" } = topology;
  return {
    ...hardenInboundHeaders(),
    ...(forwardClientCertDetails !== "UNDEFINED" && {
      forwardClientCertDetails: httpConnectionManager_ForwardClientCertDetailsFromJSON(forwardClientCertDetails),
    }),
    useRemoteAddress: true,
    xffNumTrustedHops: numTrustedProxies,
    requestHeadersTimeout: { seconds: 10, nanos: 0 },
    http2ProtocolOptions: Http2ProtocolOptions.fromPartial({
      maxConcurrentStreams: 100,
      initialStreamWindowSize: 65_536,
      initialConnectionWindowSize: 1_048_576,
    }),
  };
}

/**
 * What a server's sidecar does not take on trust: `x-forwarded-client-cert` holds the peer of this connection or nothing,
 * and names with an underscore are refused, because many apps read `x_user` as `x-user` and so past any header rule.
 */
export function hardenInboundHeaders(): Hardening {
  return {
    forwardClientCertDetails: HttpConnectionManager_ForwardClientCertDetails.SANITIZE_SET,
    setCurrentClientCertDetails: { subject: true, uri: true, dns: false, cert: false, chain: false },
    commonHttpProtocolOptions: {
      headersWithUnderscoresAction: HttpProtocolOptions_HeadersWithUnderscoresAction.REJECT_REQUEST,
    },
  };
}
