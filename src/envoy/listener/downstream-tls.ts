import { TransportSocket } from "../../../generated/envoy/config/core/v3/base.ts";
import type { SubjectAltNameMatcher } from "../../../generated/envoy/extensions/transport_sockets/tls/v3/common.ts";
import { SubjectAltNameMatcher_SanType } from "../../../generated/envoy/extensions/transport_sockets/tls/v3/common.ts";
import { DownstreamTlsContext } from "../../../generated/envoy/extensions/transport_sockets/tls/v3/tls.ts";
import { memoNamed } from "../../lib/index.ts";
import type { MeshSettings } from "../../mesh/index.ts";
import { adsSource } from "../cluster/ads-source.ts";
import { tlsParams } from "../cluster/tls-params.ts";
import { rootSecret, workloadSecret } from "../names.ts";
import { packAny } from "../resource.ts";
import { serverAlpnHttp, serverAlpnTcp } from "../tls-alpn.ts";

/**
 * The server's side of mesh mTLS: the workload's certificate, and a client certificate that chains to the mesh's roots and
 * names a workload of the trust domain or of one of its aliases. Both come by SDS, so that they rotate without a new listener.
 * https://www.envoyproxy.io/docs/envoy/v1.40.0/api-v3/extensions/transport_sockets/tls/v3/tls.proto
 */
export const downstreamMtls = memoNamed<MeshSettings, TransportSocket>((settings, speaks) => {
  const context = DownstreamTlsContext.fromPartial({
    requireClientCertificate: true,
    commonTlsContext: {
      tlsParams,
      alpnProtocols: [...(speaks === "HTTP" ? serverAlpnHttp : serverAlpnTcp)],
      tlsCertificateSdsSecretConfigs: [sdsSecret(workloadSecret)],
      combinedValidationContext: {
        defaultValidationContext: { matchTypedSubjectAltNames: trustedNames(settings) },
        validationContextSdsSecretConfig: sdsSecret(rootSecret),
      },
    },
  });
  return TransportSocket.fromPartial({
    name: "envoy.transport_sockets.tls",
    typedConfig: packAny(DownstreamTlsContext, context),
  });
});

function trustedNames(settings: MeshSettings): SubjectAltNameMatcher[] {
  return [settings.trustDomain, ...settings.trustDomainAliases].map((domain) => ({
    sanType: SubjectAltNameMatcher_SanType.URI,
    matcher: { prefix: `spiffe://${domain}/`, ignoreCase: false },
    oid: "",
  }));
}

function sdsSecret(name: string) {
  return { name, sdsConfig: adsSource };
}
