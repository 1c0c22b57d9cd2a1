import { UpstreamTlsContext } from "../../../generated/envoy/extensions/transport_sockets/tls/v3/tls.ts";
import type { MeshSettings } from "../../mesh/index.ts";
import { isHttp, outboundSni, rootSecret, workloadSecret } from "../names.ts";
import { adsSource } from "./ads-source.ts";
import type { ClientTls } from "./policy.ts";
import { buildNameMatchers } from "./subject-names.ts";
import type { Target } from "./target.ts";
import { tlsParams } from "./tls-params.ts";
import { meshAlpnAuto, meshAlpnHttp1, meshAlpnHttp2, meshAlpnTcp } from "../tls-alpn.ts";
import { httpVersionFor } from "./protocol-options.ts";

/**
 * ISTIO_MUTUAL: the workload's own certificate, and a server that is one of the service's accounts. An unknown set of accounts
 * is not checked, any workload of the mesh will do, as in Istio. https://istio.io/latest/docs/reference/config/networking/destination-rule/#ClientTLSSettings
 */
export function buildMeshTls(target: Target, settings: MeshSettings, tls: ClientTls = {}): UpstreamTlsContext {
  const { visible, port, subset } = target;
  const names = tls.subjectAltNames?.length ? tls.subjectAltNames : namesOf(target, settings);
  return UpstreamTlsContext.fromPartial({
    sni: tls.sni || outboundSni(visible.service.hostname, port.number, subset?.name),
    commonTlsContext: {
      tlsParams,
      alpnProtocols: [...alpnFor(target)],
      tlsCertificateSdsSecretConfigs: [{ name: workloadSecret, sdsConfig: adsSource }],
      combinedValidationContext: {
        defaultValidationContext: { matchTypedSubjectAltNames: buildNameMatchers(names) },
        validationContextSdsSecretConfig: { name: rootSecret, sdsConfig: adsSource },
      },
    },
  });
}

/** What the server reads the protocol from: see tls-alpn.ts. */
function alpnFor({ port: { protocol }, policy }: Target): readonly string[] {
  if (!isHttp(protocol) && protocol !== "AUTO") return meshAlpnTcp;
  switch (httpVersionFor(protocol, policy.connectionPool?.http)) {
    case "HTTP1":
      return meshAlpnHttp1;
    case "HTTP2":
      return meshAlpnHttp2;
    case "DOWNSTREAM":
      return meshAlpnAuto;
  }
}

/** The accounts of the endpoints under each name of the trust domain, and what the ServiceEntry says. */
function namesOf({ visible }: Target, { trustDomain, trustDomainAliases }: MeshSettings): string[] {
  const own = `spiffe://${trustDomain}/`;
  const accounts = visible.serviceAccounts.flatMap((id) =>
    id.startsWith(own) ? [id, ...trustDomainAliases.map((alias) => `spiffe://${alias}/${id.slice(own.length)}`)] : [id],
  );
  return [...new Set([...accounts, ...visible.service.subjectAltNames])];
}
