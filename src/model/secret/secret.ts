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
  const isTls = type === "kubernetes.io/tls";
  if (isTls) requireTlsFields(texts, place.at("data"));
  else for (const field of [names.certificate, names.privateKey, names.roots]) warnOfOtherText(find(texts, field));
  return { type, ...keyPairIn(texts, isTls), ...rootsIn(texts, isTls) };
});

function keyPairIn(texts: Texts, isTls: boolean): Pick<SecretSpec, "keyPair"> {
  const certificate = find(texts, names.certificate);
  const key = find(texts, names.privateKey);
  if (!certificate || !key || !(isTls || isPem(certificate.text))) return {};
  tell(certificate.place, faultOfKeyPair(certificate.text, key.text));
  return { keyPair: { certificateChain: certificate.text, privateKey: new Sensitive(key.text) } };
}

/** The roots, and what they have revoked: whoever goes without the list that was meant takes certificates that count no more. */
function rootsIn(texts: Texts, isTls: boolean): Pick<SecretSpec, "roots" | "crl"> {
  const roots = find(texts, names.roots);
  const trusted = roots && (isTls || isPem(roots.text)) && !isBlank(roots) ? roots : undefined;
  if (trusted) tell(trusted.place, faultOfCertificates(trusted.text));
  const crl = find(texts, names.crl);
  const revoked = crl && (isTls || trusted || isMeantForTls(crl)) && !isBlank(crl) ? crl : undefined;
  if (revoked) tell(revoked.place, faultOfRevocations(revoked.text));
  return { ...(trusted && { roots: trusted.text }), ...(revoked && { crl: revoked.text }) };
}

function requireTlsFields(texts: Texts, place: Place): void {
  for (const field of ["tls.crt", "tls.key"])
    if (!texts.has(field)) place.error(codes.missing, `the field "${field}" is missing`);
}

interface Found {
  readonly name: string;
  readonly text: string;
  readonly place: Place;
}

type Texts = ReadonlyMap<string, Found>;

/** The fields we know, decoded. `stringData` wins, as in the API server. */
function readTexts(raw: Readonly<Record<string, unknown>>, place: Place): Texts {
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

function find(texts: Texts, candidates: readonly string[]): Found | undefined {
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

function isBlank({ text }: Found): boolean {
  return text.trim() === "";
}

function warnOfOtherText(found: Found | undefined): void {
  if (!found || !isMeantForTls(found) || isPem(found.text) || isBlank(found)) return;
  found.place.warn(codes.value, "is not PEM: it is neither shown nor trusted", "PEM begins with -----BEGIN");
}

function tell(place: Place, fault: string | undefined): void {
  if (fault !== undefined) place.error(codes.value, fault);
}
