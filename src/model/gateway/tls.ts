import { checkCredential } from "../secret/credential-name.ts";
import { codes } from "../codes.ts";
import { show } from "../names.ts";
import { each, type Place } from "../report.ts";
import type { GatewayTls } from "../types.ts";
import { isCipherSuite } from "./cipher-suites.ts";

const certificateFields = ["serverCertificate", "privateKey", "caCertificates", "caCrl", "credentialName"] as const;
const listFields = ["credentialNames", "tlsCertificates"] as const;
const versions = ["TLSV1_0", "TLSV1_1", "TLSV1_2", "TLSV1_3"];

/** https://istio.io/latest/docs/reference/config/networking/gateway/#ServerTLSSettings */
export function checkGatewayTls(tls: GatewayTls | undefined, place: Place): void {
  if (!tls) return;
  const { mode = "PASSTHROUGH" } = tls;
  checkVersions(tls, place);
  checkCiphers(tls.cipherSuites, place.at("cipherSuites"));
  each(tls.verifyCertificateHash, place.at("verifyCertificateHash"), checkHash);
  each(tls.verifyCertificateSpki, place.at("verifyCertificateSpki"), checkSpki);
  each(tls.subjectAltNames, place.at("subjectAltNames"), (name, at) => {
    if (name === "") at.error(codes.incomplete, "must not be empty");
  });
  switch (mode) {
    case "ISTIO_MUTUAL":
      return warnOrRefuse(tls, place, (at) => at.error(codes.conflict, "ISTIO_MUTUAL has the mesh's certificates"));
    case "PASSTHROUGH":
    case "AUTO_PASSTHROUGH":
      return warnOrRefuse(tls, place, (at) => at.warn(codes.noEffect, `has no effect with ${mode}`));
    case "SIMPLE":
    case "MUTUAL":
    case "OPTIONAL_MUTUAL":
      return checkCertificates(tls, mode, place);
  }
}

function warnOrRefuse(tls: GatewayTls, place: Place, tell: (at: Place) => void): void {
  for (const field of certificateFields) if (tls[field]) tell(place.at(field));
  for (const field of listFields) if (tls[field]?.length) tell(place.at(field));
  if (tls.caCertCredentialName) tell(place.at("caCertCredentialName"));
}

/** One source of certificates, and one of roots where clients show theirs. */
function checkCertificates(tls: GatewayTls, mode: "SIMPLE" | "MUTUAL" | "OPTIONAL_MUTUAL", place: Place): void {
  const sources = [tls.credentialName, tls.credentialNames?.length, tls.tlsCertificates?.length].filter(Boolean).length;
  if (sources > 1)
    place.error(codes.exclusive, "name certificates once: credentialName, credentialNames or tlsCertificates");
  if (tls.credentialName) checkCredential(tls.credentialName, place.at("credentialName"));
  each(tls.credentialNames, place.at("credentialNames"), checkCredential);
  if (tls.caCertCredentialName) checkCredential(tls.caCertCredentialName, place.at("caCertCredentialName"));
  each(tls.tlsCertificates, place.at("tlsCertificates"), checkFiles);
  if (sources === 0) checkFiles(tls, place);
  else if (tls.serverCertificate || tls.privateKey)
    place.at("serverCertificate").warn(codes.noEffect, "has no effect beside the other certificates");
  for (const field of ["serverCertificate", "privateKey", "caCertificates", "caCrl"] as const)
    checkPath(tls[field], place.at(field));
  checkRoots(tls, mode, place);
}

function checkRoots(tls: GatewayTls, mode: "SIMPLE" | "MUTUAL" | "OPTIONAL_MUTUAL", place: Place): void {
  if (mode === "SIMPLE") {
    for (const field of ["caCrl", "subjectAltNames", "verifyCertificateHash", "verifyCertificateSpki"] as const)
      if (tls[field]?.length)
        place.at(field).warn(codes.noEffect, "has no effect with SIMPLE: no client is asked who it is");
    return;
  }
  const roots = tls.credentialName || tls.credentialNames?.length || tls.caCertCredentialName || tls.caCertificates;
  if (!roots) place.error(codes.incomplete, `${mode} needs caCertificates or caCertCredentialName`);
}

interface Files {
  readonly serverCertificate?: string;
  readonly privateKey?: string;
}

function checkFiles(files: Files, place: Place): void {
  for (const field of ["serverCertificate", "privateKey"] as const)
    if (!files[field]) place.error(codes.incomplete, `needs ${field} or a credentialName`);
    else checkPath(files[field], place.at(field));
}

/** A `~` would end the name of one file in the name of the secret that holds two. */
function checkPath(path: string | undefined, place: Place): void {
  if (path && (!path.startsWith("/") || path.includes("~")))
    place.error(codes.value, `"${show(path)}" is not an absolute path without ~`);
}

function checkVersions(
  { minProtocolVersion: min = "TLS_AUTO", maxProtocolVersion: max = "TLS_AUTO" }: GatewayTls,
  place: Place,
): void {
  if (min === "TLS_AUTO" || max === "TLS_AUTO") return;
  if (versions.indexOf(min) > versions.indexOf(max))
    place.at("minProtocolVersion").error(codes.conflict, `${min} is newer than ${max}`);
}

/** Istio passes over what it does not know, with a warning: so do we, for Envoy would refuse the whole listener. */
function checkCiphers(suites: readonly string[] | undefined, place: Place): void {
  const seen = new Set<string>();
  each(suites, place, (suite, at) => {
    if (!isCipherSuite(suite))
      at.warn(codes.value, `"${show(suite)}" is not a cipher suite of Envoy's: it is left out`);
    else if (seen.has(suite)) at.warn(codes.duplicate, `"${show(suite)}" stands twice`);
    seen.add(suite);
  });
}

/** SHA-256 in hex, with or without colons. */
function checkHash(hash: string, place: Place): void {
  if (!/^(?:[0-9a-f]{64}|[0-9a-f]{2}(?::[0-9a-f]{2}){31})$/i.test(hash))
    place.error(codes.value, `"${show(hash)}" is not a SHA-256 in hex`);
}

/** SHA-256 in base64. */
function checkSpki(hash: string, place: Place): void {
  if (!/^[A-Za-z0-9+/]{43}=$/.test(hash)) place.error(codes.value, `"${show(hash)}" is not a SHA-256 in base64`);
}
