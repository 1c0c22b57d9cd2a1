import { codes } from "../codes.ts";
import type { Place } from "../report.ts";
import type { TrafficPolicy } from "../types.ts";

type ClientTls = NonNullable<TrafficPolicy["tls"]>;

/** https://istio.io/latest/docs/reference/config/networking/destination-rule/#ClientTLSSettings */
export function checkClientTls(tls: ClientTls | undefined, place: Place): void {
  if (!tls) return;
  const { mode = "DISABLE" } = tls;
  const files = ["clientCertificate", "privateKey", "caCertificates", "caCrl"] as const;
  if (tls.insecureSkipVerify) {
    if (mode === "ISTIO_MUTUAL")
      place.at("insecureSkipVerify").error(codes.conflict, "cannot be set with ISTIO_MUTUAL");
    const trusted = mode === "SIMPLE" ? (["caCertificates", "credentialName"] as const) : (["caCertificates"] as const);
    for (const field of trusted)
      if (tls[field]) place.at(field).error(codes.conflict, "cannot be set together with insecureSkipVerify");
    if (tls.subjectAltNames?.length)
      place.at("subjectAltNames").error(codes.conflict, "cannot be set together with insecureSkipVerify");
  }
  if (mode === "ISTIO_MUTUAL")
    for (const field of [...files, "credentialName"] as const)
      if (tls[field])
        place.at(field).error(codes.conflict, "cannot be set with ISTIO_MUTUAL: the mesh has its own certificates");
  if ((mode === "SIMPLE" || mode === "MUTUAL") && tls.credentialName) {
    for (const field of files)
      if (tls[field]) place.at(field).error(codes.conflict, "cannot be set together with credentialName");
    return;
  }
  if (mode !== "MUTUAL") return;
  for (const field of ["clientCertificate", "privateKey"] as const)
    if (!tls[field]) place.error(codes.incomplete, `MUTUAL needs ${field}`);
}
