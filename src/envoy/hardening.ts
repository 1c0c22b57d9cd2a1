import { HttpProtocolOptions_HeadersWithUnderscoresAction } from "../../generated/envoy/config/core/v3/protocol.ts";
import {
  type HttpConnectionManager,
  HttpConnectionManager_ForwardClientCertDetails,
  HttpConnectionManager_PathWithEscapedSlashesAction,
} from "../../generated/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager.ts";
import type { MeshSettings } from "../mesh/index.ts";

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
