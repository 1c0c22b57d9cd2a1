import { codes } from "../codes.ts";
import { kubernetesKind } from "../kind.ts";
import { RawFields } from "../kubernetes/raw.ts";
import type { Place } from "../report.ts";
import { faultOfCertificates, faultOfKeyPair } from "./key-pair.ts";
import { faultOfRevocations } from "./revocations.ts";
import { Sensitive } from "./sensitive.ts";
import type { SecretSpec } from "./types.ts";

/** The names under which Istio looks: those of `kubernetes.io/tls`, and older ones. */
const names = {
  certificate: ["tls.crt", "cert"],
  privateKey: ["tls.key", "key"],
  roots: ["ca.crt", "cacert"],
  crl: ["ca.crl", "crl"],
} as const;

/**
 * Credentials of gateways: https://istio.io/latest/docs/tasks/traffic-management/ingress/secure-ingress/. What is in a Secret for other
 * purposes is never looked at, and no message says more than the name of a field. A key pair that Envoy would refuse is an error, so
 * that the last good one stays.
 */
export const secret = kubernetesKind("Secret", "v1", (raw, place): SecretSpec => {
  const type = typeof raw["type"] === "string" ? raw["type"] : "Opaque";
  const texts = readTexts(raw, place);
  const [certificate, key, roots, crl] = [names.certificate, names.privateKey, names.roots, names.crl].map((of) =>
    find(texts, of),
  );
  const isTls = type === "kubernetes.io/tls";
  if (isTls) requireTlsFields(texts, place.at("data"));
  const pair = certificate && key && (isTls || isPem(certificate.text)) ? { certificate, key } : undefined;
  if (pair) tell(pair.certificate.place, faultOfKeyPair(pair.certificate.text, pair.key.text));
  const trusted = roots && (isTls || isPem(roots.text)) && roots.text.trim() !== "" ? roots : undefined;
  if (trusted) tell(trusted.place, faultOfCertificates(trusted.text));
  // Whoever goes without the list that was meant takes certificates that count no more.
  const revoked = crl && (isTls || trusted || isMeantForTls(crl)) && crl.text.trim() !== "" ? crl : undefined;
  if (revoked) tell(revoked.place, faultOfRevocations(revoked.text));
  if (!isTls) for (const found of [certificate, key, roots]) if (found) warnOfOtherText(found);
  return {
    type,
    ...(pair && {
      keyPair: { certificateChain: pair.certificate.text, privateKey: new Sensitive(pair.key.text) },
    }),
    ...(trusted && { roots: trusted.text }),
    ...(revoked && { crl: revoked.text }),
  };
});

function requireTlsFields(texts: ReadonlyMap<string, Found>, place: Place): void {
  for (const field of ["tls.crt", "tls.key"])
    if (!texts.has(field)) place.error(codes.missing, `the field "${field}" is missing`);
}

interface Found {
  readonly name: string;
  readonly text: string;
  readonly place: Place;
}

/** The fields we know, decoded. `stringData` wins, as in the API server. */
function readTexts(raw: Readonly<Record<string, unknown>>, place: Place): ReadonlyMap<string, Found> {
  const found = new Map<string, Found>();
  const data = new RawFields(raw["data"], place.at("data"));
  const stringData = new RawFields(raw["stringData"], place.at("stringData"));
  for (const name of Object.values(names).flat()) {
    if (data.has(name)) found.set(name, { name, text: decode(data.text(name) ?? ""), place: place.at("data", name) });
    if (stringData.has(name))
      found.set(name, { name, text: stringData.text(name) ?? "", place: place.at("stringData", name) });
  }
  return found;
}

function find(texts: ReadonlyMap<string, Found>, candidates: readonly string[]): Found | undefined {
  return candidates.map((name) => texts.get(name)).find((one) => one !== undefined);
}

function decode(base64: string): string {
  return Buffer.from(base64, "base64").toString("utf8");
}

function isPem(text: string): boolean {
  return text.includes("-----BEGIN ");
}

/** Names such as `tls.crt` are TLS's; a `key` or a `cert` may be anything. */
function isMeantForTls({ name, text }: Found): boolean {
  return name.includes(".") || isPem(text);
}

function warnOfOtherText(found: Found): void {
  if (!isMeantForTls(found) || isPem(found.text) || found.text.trim() === "") return;
  found.place.warn(codes.value, "is not PEM: it is neither shown nor trusted", "PEM begins with -----BEGIN");
}

function tell(place: Place, fault: string | undefined): void {
  if (fault !== undefined) place.error(codes.value, fault);
}
