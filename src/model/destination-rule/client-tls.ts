import { codes } from "../codes.ts";
import { checkCredential } from "../secret/credential-name.ts";
import type { Place } from "../report.ts";
import type { TrafficPolicy } from "../types.ts";

type ClientTls = NonNullable<TrafficPolicy["tls"]>;

const files = ["clientCertificate", "privateKey", "caCertificates", "caCrl"] as const;

/** https://istio.io/latest/docs/reference/config/networking/destination-rule/#ClientTLSSettings */
export function checkClientTls(tls: ClientTls | undefined, place: Place): void {
  if (!tls) return;
  const { mode = "DISABLE" } = tls;
  if (Buffer.byteLength(tls.sni ?? "") > 255) place.at("sni").error(codes.tooLarge, "has at most 255 bytes");
  if (tls.insecureSkipVerify) checkSkipped(tls, mode, place);
  if (mode === "ISTIO_MUTUAL")
    refuse(tls, [...files, "credentialName"], place, "with ISTIO_MUTUAL: the mesh has its own certificates");
  if ((mode === "SIMPLE" || mode === "MUTUAL") && tls.credentialName) {
    checkCredential(tls.credentialName, place.at("credentialName"));
    refuse(tls, files, place, "together with credentialName");
  }
  if (mode === "MUTUAL" && !tls.credentialName)
    for (const field of ["clientCertificate", "privateKey"] as const)
      if (!tls[field]) place.error(codes.incomplete, `MUTUAL needs ${field}`);
}

function checkSkipped(tls: ClientTls, mode: NonNullable<ClientTls["mode"]>, place: Place): void {
  if (mode === "ISTIO_MUTUAL") place.at("insecureSkipVerify").error(codes.conflict, "cannot be set with ISTIO_MUTUAL");
  const trusted = mode === "SIMPLE" ? (["caCertificates", "credentialName"] as const) : (["caCertificates"] as const);
  refuse(tls, [...trusted, "subjectAltNames"], place, "together with insecureSkipVerify");
}

function refuse(tls: ClientTls, fields: readonly (keyof ClientTls)[], place: Place, why: string): void {
  for (const field of fields) {
    const value = tls[field];
    const isSet = Array.isArray(value) ? value.length > 0 : Boolean(value);
    if (isSet) place.at(field).error(codes.conflict, `cannot be set ${why}`);
  }
}
