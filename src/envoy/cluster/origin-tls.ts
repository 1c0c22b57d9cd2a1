import { UpstreamTlsContext } from "../../../generated/envoy/extensions/transport_sockets/tls/v3/tls.ts";
import type { ClientTls } from "./policy.ts";
import { httpVersionFor, type NameFromHost } from "./protocol-options.ts";
import { buildNameMatchers } from "./subject-names.ts";
import type { Target } from "./target.ts";
import { tlsParams } from "./tls-params.ts";

/** Debian's and Ubuntu's bundle, which the envoyproxy/envoy image has; Envoy cannot be told "the system's roots". */
const systemRoots = "/etc/ssl/certs/ca-certificates.crt";

/**
 * SIMPLE and MUTUAL: TLS of the user's own, from files on the proxy's machine.
 * https://istio.io/latest/docs/tasks/traffic-management/egress/egress-tls-origination/
 * `credentialName` names a secret that sidecars may not read: the certificate is then left out and the system's roots are asked, so
 * that the connection fails rather than go out in plaintext, as Istio's would.
 */
export function buildOriginTls(target: Target, tls: ClientTls): UpstreamTlsContext {
  const { clientCertificate, privateKey } = tls;
  const certified = tls.mode === "MUTUAL" && clientCertificate && privateKey;
  const http2 = httpVersionFor(target.port.protocol, target.policy.connectionPool?.http) === "HTTP2";
  return UpstreamTlsContext.fromPartial({
    sni: tls.sni ?? "",
    commonTlsContext: {
      tlsParams,
      ...(certified && {
        tlsCertificates: [{ certificateChain: { filename: clientCertificate }, privateKey: { filename: privateKey } }],
      }),
      ...(!tls.insecureSkipVerify && {
        validationContext: {
          trustedCa: { filename: tls.caCertificates || systemRoots },
          matchTypedSubjectAltNames: buildNameMatchers(namesOf(target, tls)),
          ...(tls.caCrl && { crl: { filename: tls.caCrl } }),
        },
      }),
      alpnProtocols: http2 ? ["h2"] : [],
    },
  });
}

/** Without a name in the policy, an HTTP request's host is asked for and checked. */
export function nameFromHost(target: Target): NameFromHost {
  const { tls } = target.policy;
  if (tls?.mode !== "SIMPLE" && tls?.mode !== "MUTUAL") return { autoSni: false, autoSanValidation: false };
  const autoSni = !tls.sni;
  return { autoSni, autoSanValidation: autoSni && !tls.insecureSkipVerify && namesOf(target, tls).length === 0 };
}

function namesOf({ visible: { service } }: Target, tls: ClientTls): readonly string[] {
  return tls.subjectAltNames?.length ? tls.subjectAltNames : service.subjectAltNames;
}
