import { codes } from "../codes.ts";
import type { Place } from "../report.ts";
import type { SidecarSpec } from "../types.ts";

type ServerTls = NonNullable<NonNullable<SidecarSpec["ingress"]>[number]["tls"]>;

/** TLS that a workload's sidecar ends itself: https://istio.io/latest/docs/reference/config/networking/gateway/#ServerTLSSettings */
export function checkServerTls(tls: ServerTls | undefined, place: Place): void {
  if (!tls) return;
  const { mode } = tls;
  for (const field of ["subjectAltNames", "httpsRedirect", "credentialName", "credentialNames"] as const)
    if (isSet(tls[field])) place.at(field).error(codes.conflict, "is not supported in a Sidecar");
  if (mode === "ISTIO_MUTUAL" || mode === "AUTO_PASSTHROUGH")
    return place.at("mode").error(codes.conflict, `${mode} is not possible in a Sidecar`);
  const mutual = mode === "MUTUAL" || mode === "OPTIONAL_MUTUAL";
  if (mode === "SIMPLE" || mutual) {
    for (const field of ["serverCertificate", "privateKey"] as const)
      if (!isSet(tls[field])) place.error(codes.incomplete, `${mode} needs ${field}`);
  }
  if (mutual && !isSet(tls.caCertificates)) place.error(codes.incomplete, `${mode} needs caCertificates`);
  if (mode === "SIMPLE" && isSet(tls.caCrl)) place.at("caCrl").error(codes.conflict, "is not supported with SIMPLE");
  if (mode === "PASSTHROUGH")
    for (const field of ["serverCertificate", "privateKey", "caCertificates", "caCrl"] as const)
      if (isSet(tls[field])) place.at(field).warn(codes.noEffect, "has no effect with PASSTHROUGH");
}

function isSet(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : value !== undefined && value !== "" && value !== false;
}
