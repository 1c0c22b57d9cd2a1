import { TransportSocket } from "../../../generated/envoy/config/core/v3/base.ts";
import {
  CertificateValidationContext,
  TlsParameters,
  TlsParameters_TlsProtocol as Protocol,
} from "../../../generated/envoy/extensions/transport_sockets/tls/v3/common.ts";
import { DownstreamTlsContext } from "../../../generated/envoy/extensions/transport_sockets/tls/v3/tls.ts";
import type { MeshSettings, ServerTls } from "../../mesh/index.ts";
import { isCipherSuite, type GatewayTls } from "../../model/index.ts";
import { adsSource } from "../cluster/ads-source.ts";
import { buildNameMatchers } from "../cluster/subject-names.ts";
import { packAny } from "../resource.ts";
import { serverAlpnHttp, serverAlpnTcp } from "../tls-alpn.ts";
import { downstreamMtls } from "./downstream-tls.ts";

/**
 * The TLS that a server of a gateway, or a listener of a Sidecar, ends. Certificates and roots come by SDS, so that they rotate without a new listener.
 * https://istio.io/latest/docs/reference/config/networking/gateway/#ServerTLSSettings
 */
export function serverTls(server: ServerTls, settings: MeshSettings, speaks: "HTTP" | "TCP"): TransportSocket {
  const { tls = {}, certificates, roots } = server;
  if (tls.mode === "ISTIO_MUTUAL") return downstreamMtls(settings, speaks);
  const context = DownstreamTlsContext.fromPartial({
    requireClientCertificate: tls.mode === "MUTUAL",
    commonTlsContext: {
      tlsParams: paramsOf(tls),
      alpnProtocols: [...(speaks === "HTTP" ? serverAlpnHttp : serverAlpnTcp)],
      tlsCertificateSdsSecretConfigs: certificates.map(sdsSecret),
      ...(roots && {
        combinedValidationContext: {
          defaultValidationContext: validationOf(tls),
          validationContextSdsSecretConfig: sdsSecret(roots),
        },
      }),
    },
  });
  return TransportSocket.fromPartial({
    name: "envoy.transport_sockets.tls",
    typedConfig: packAny(DownstreamTlsContext, context),
  });
}

function sdsSecret(name: string) {
  return { name, sdsConfig: adsSource };
}

const versions = {
  TLS_AUTO: Protocol.TLS_AUTO,
  TLSV1_0: Protocol.TLSv1_0,
  TLSV1_1: Protocol.TLSv1_1,
  TLSV1_2: Protocol.TLSv1_2,
  TLSV1_3: Protocol.TLSv1_3,
} as const;

/** TLS 1.2 at least where nothing is said, as in Istio. */
function paramsOf({ minProtocolVersion = "TLS_AUTO", maxProtocolVersion = "TLS_AUTO", cipherSuites }: GatewayTls) {
  const min = minProtocolVersion === "TLS_AUTO" ? "TLSV1_2" : minProtocolVersion;
  return TlsParameters.fromPartial({
    tlsMinimumProtocolVersion: versions[min],
    tlsMaximumProtocolVersion: versions[maxProtocolVersion],
    cipherSuites: [...new Set(cipherSuites ?? [])].filter(isCipherSuite),
  });
}

function validationOf(tls: GatewayTls): CertificateValidationContext {
  return CertificateValidationContext.fromPartial({
    matchTypedSubjectAltNames: buildNameMatchers(tls.subjectAltNames ?? []),
    verifyCertificateHash: [...(tls.verifyCertificateHash ?? [])],
    verifyCertificateSpki: [...(tls.verifyCertificateSpki ?? [])],
  });
}
