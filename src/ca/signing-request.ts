import { createPublicKey, type KeyObject } from "node:crypto";
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  Pkcs10CertificateRequest,
  SubjectAlternativeNameExtension,
  type Extension,
} from "./x509.ts";
import type { Certification } from "./certificate.ts";

const maxLength = 16_384; // an RSA 4096 request is 1.8 kB
const grammar =
  /^\s*-----BEGIN (NEW )?CERTIFICATE REQUEST-----[A-Za-z0-9+/=\s]+-----END (NEW )?CERTIFICATE REQUEST-----\s*$/;
const hashes = ["SHA-256", "SHA-384", "SHA-512"];
const leafUsages = KeyUsageFlags.digitalSignature | KeyUsageFlags.keyEncipherment | KeyUsageFlags.keyAgreement;
const peerUsages: readonly unknown[] = [ExtendedKeyUsage.serverAuth, ExtendedKeyUsage.clientAuth];

/** The key of a request that we may certify. */
export type RequestedKey = Pick<Certification, "publicKey" | "keyType">;

/**
 * Takes the public key out of a PKCS#10 request, and nothing else: names come from the caller's identity. A request that asks for
 * more than that identity (`id`, its SPIFFE id) is refused whole, so that nobody gets another certificate than he asked for.
 * Never throws; `refused` does not quote the request. https://www.rfc-editor.org/rfc/rfc2986
 */
export async function parseSigningRequest(pem: string, id: string): Promise<RequestedKey | { refused: string }> {
  if (pem.length > maxLength) return { refused: `the request is longer than ${maxLength} bytes` };
  if (!grammar.test(pem)) return { refused: "the request is not one PEM block CERTIFICATE REQUEST" };
  try {
    const request = new Pkcs10CertificateRequest(pem);
    // The key is judged before it is used: verifying with a key of 16,384 bits is work for an attacker's benefit.
    const key = acceptedKey(
      createPublicKey({ key: Buffer.from(request.publicKey.rawData), type: "spki", format: "der" }),
    );
    if ("refused" in key) return key;
    const refused = refusalOf(request, id);
    if (refused) return { refused };
    if (!(await request.verify())) return { refused: "the request's signature does not fit its key" };
    return key;
  } catch {
    return { refused: "the request cannot be read" };
  }
}

function refusalOf(request: Pkcs10CertificateRequest, id: string): string | undefined {
  if (!hashes.some((name) => name === hashOf(request))) return "the request is signed with a weak hash";
  const asked = request.extensions;
  if (new Set(asked.map((extension) => extension.type)).size < asked.length)
    return "the request has an extension twice";
  for (const extension of asked) {
    const refused = extensionRefusal(extension, id);
    if (refused) return refused;
  }
  return undefined;
}

function hashOf(request: Pkcs10CertificateRequest): string | undefined {
  const algorithm = request.signatureAlgorithm as { readonly hash?: { readonly name?: string } };
  return algorithm.hash?.name;
}

function extensionRefusal(extension: Extension, id: string): string | undefined {
  if (extension instanceof SubjectAlternativeNameExtension) {
    const own = extension.names.items.every(({ type, value }) => type === "url" && value === id);
    return own ? undefined : "the request asks for a name other than the caller's own";
  }
  if (extension instanceof BasicConstraintsExtension) return extension.ca ? "the request asks to be a CA" : undefined;
  if (extension instanceof KeyUsagesExtension) {
    return (extension.usages & ~leafUsages) === 0
      ? undefined
      : "the request asks for a key usage that a workload does not have";
  }
  if (extension instanceof ExtendedKeyUsageExtension) {
    const own = extension.usages.every((usage) => peerUsages.includes(usage));
    return own ? undefined : "the request asks for an extended key usage other than server and client authentication";
  }
  return "the request asks for an extension that we do not sign";
}

function acceptedKey(key: KeyObject): RequestedKey | { refused: string } {
  const { namedCurve, modulusLength = 0, publicExponent } = key.asymmetricKeyDetails ?? {};
  if (key.asymmetricKeyType === "ec" && namedCurve === "prime256v1") {
    // By way of its coordinates: a point in compressed form, or a curve spelt out, does not get into a certificate.
    const plain = createPublicKey({ key: key.export({ format: "jwk" }), format: "jwk" });
    return { keyType: "ec", publicKey: spkiOf(plain) };
  }
  if (key.asymmetricKeyType === "rsa" && modulusLength >= 2048 && modulusLength <= 4096 && publicExponent === 65537n) {
    return { keyType: "rsa", publicKey: spkiOf(key) };
  }
  return { refused: "the request's key is neither ECDSA P-256 nor RSA of 2048 to 4096 bits" };
}

function spkiOf(key: KeyObject): Uint8Array<ArrayBuffer> {
  return new Uint8Array(key.export({ type: "spki", format: "der" }));
}
