import {
  type CommonTlsContext,
  UpstreamTlsContext,
} from "../../../generated/envoy/extensions/transport_sockets/tls/v3/tls.ts";
import { clientSecrets } from "../../mesh/index.ts";
import { adsSource } from "./ads-source.ts";
import type { ClientTls } from "./policy.ts";
import { httpVersionFor, type NameFromHost } from "./protocol-options.ts";
import { buildNameMatchers } from "./subject-names.ts";
import type { Target } from "./target.ts";
import { tlsParams } from "./tls-params.ts";

/** Debian's and Ubuntu's bundle, which the envoyproxy/envoy image has; Envoy cannot be told "the system's roots". */
const systemRoots = "/etc/ssl/certs/ca-certificates.crt";

/**
 * SIMPLE and MUTUAL: TLS of the user's own, from files on the proxy's machine, or from the Secret that `credentialName` means.
 * https://istio.io/latest/docs/tasks/traffic-management/egress/egress-tls-origination/
 * As on Istio sidecars heed a `credentialName` only where the rule has a workloadSelector; Istio's others send plaintext then, ours send no
 * certificate and ask the system's roots, so that the connection fails rather than go out in the clear.
 */
export function buildOriginTls(target: Target, tls: ClientTls): UpstreamTlsContext {
  const http2 = httpVersionFor(target.port.protocol, target.policy.connectionPool?.http) === "HTTP2";
  const context = target.credentials && tls.credentialName ? fromSecret : fromFiles;
  return UpstreamTlsContext.fromPartial({
    sni: tls.sni ?? "",
    commonTlsContext: {
      tlsParams,
      ...context(tls, buildNameMatchers(namesOf(target, tls))),
      alpnProtocols: http2 ? ["h2"] : [],
    },
  });
}

type Context = Parameters<typeof CommonTlsContext.fromPartial>[0];
type Names = ReturnType<typeof buildNameMatchers>;

function fromFiles(tls: ClientTls, names: Names): Context {
  const { clientCertificate, privateKey } = tls;
  const certified = tls.mode === "MUTUAL" && clientCertificate && privateKey;
  return {
    ...(certified && {
      tlsCertificates: [{ certificateChain: { filename: clientCertificate }, privateKey: { filename: privateKey } }],
    }),
    ...(!tls.insecureSkipVerify && {
      validationContext: {
        trustedCa: { filename: tls.caCertificates || systemRoots },
        matchTypedSubjectAltNames: names,
        ...(tls.caCrl && { crl: { filename: tls.caCrl } }),
      },
    }),
  };
}

/** A Secret that does not come keeps nothing else waiting; without it no connection is made. */
const secretSource = { ...adsSource, initialFetchTimeout: { seconds: 2, nanos: 0 } };

function fromSecret({ mode, credentialName = "", insecureSkipVerify }: ClientTls, names: Names): Context {
  const { keyPair, roots } = clientSecrets(credentialName);
  return {
    ...(mode === "MUTUAL" && { tlsCertificateSdsSecretConfigs: [{ name: keyPair, sdsConfig: secretSource }] }),
    ...(!insecureSkipVerify && {
      combinedValidationContext: {
        defaultValidationContext: { matchTypedSubjectAltNames: names },
        validationContextSdsSecretConfig: { name: roots, sdsConfig: secretSource },
      },
    }),
  };
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
