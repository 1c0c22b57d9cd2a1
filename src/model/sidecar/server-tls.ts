import { codes } from "../codes.ts";
import { checkGatewayTls } from "../gateway/tls.ts";
import type { Place } from "../report.ts";
import type { SidecarSpec } from "../types.ts";

type ServerTls = NonNullable<NonNullable<SidecarSpec["ingress"]>[number]["tls"]>;

const filesOnly = "a sidecar has files, and no Secrets";

/** What Istio's own validation refuses too, and why. */
const refused = [
  ["subjectAltNames", "use verifyCertificateHash or verifyCertificateSpki"],
  ["httpsRedirect", "a sidecar redirects nobody"],
  ["credentialName", filesOnly],
  ["credentialNames", filesOnly],
] as const satisfies readonly (readonly [keyof ServerTls, string])[];

/** TLS that a workload's sidecar ends itself: https://istio.io/latest/docs/reference/config/networking/gateway/#ServerTLSSettings */
export function checkServerTls(tls: ServerTls | undefined, place: Place): void {
  if (!tls) return;
  const { mode } = tls;
  const misplaced = refused.filter(([field]) => isSet(tls[field]));
  for (const [field, hint] of misplaced)
    place.at(field).error(codes.conflict, "as on Istio, which refuses it too, is not possible in a Sidecar", hint);
  if (misplaced.length > 0) return;
  if (mode === "ISTIO_MUTUAL" || mode === "AUTO_PASSTHROUGH")
    return place.at("mode").error(codes.conflict, `${mode} is not possible in a Sidecar`);
  const mutual = mode === "MUTUAL" || mode === "OPTIONAL_MUTUAL";
  if (mutual && !isSet(tls.caCertificates)) place.error(codes.incomplete, `${mode} needs caCertificates`);
  if (mode === "SIMPLE" && isSet(tls.caCrl)) place.at("caCrl").error(codes.conflict, "is not supported with SIMPLE");
  if ((mode === "SIMPLE" || mutual) && !isSet(tls.tlsCertificates)) {
    const missing = (["serverCertificate", "privateKey"] as const).filter((field) => !isSet(tls[field]));
    for (const field of missing) place.error(codes.incomplete, `${mode} needs ${field}`);
    if (missing.length > 0) return;
  }
  checkGatewayTls({ ...tls, caCertCredentialName: "" }, place); // which says nothing here
}

function isSet(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : value !== undefined && value !== "" && value !== false;
}
