import { createPrivateKey, X509Certificate, type KeyObject } from "node:crypto";

/** More certificates than any chain or bundle of roots has. */
const mostCertificates = 500;
const curves: ReadonlySet<string> = new Set(["prime256v1", "secp384r1", "secp521r1"]);
const leastRsaBits = 2048;

/** Why Envoy would not serve TLS with these, in words that tell nothing of them; undefined if it would. */
export function faultOfKeyPair(certificateChain: string, privateKey: string): string | undefined {
  const fault = faultOfCertificates(certificateChain);
  if (fault !== undefined) return fault;
  const key = parseKey(privateKey);
  if (!key) return "the private key cannot be read: PEM without a passphrase is needed";
  const unfit = faultOfKey(key);
  if (unfit !== undefined) return unfit;
  const [leaf] = certificatesIn(certificateChain);
  return leaf && new X509Certificate(leaf).checkPrivateKey(key)
    ? undefined
    : "the private key is not the certificate's";
}

/** Why these are no certificates in PEM; undefined if they are. */
export function faultOfCertificates(pem: string): string | undefined {
  const blocks = certificatesIn(pem);
  if (blocks.length === 0) return "there is no certificate in PEM";
  if (blocks.length > mostCertificates) return `there are more than ${mostCertificates} certificates`;
  return blocks.every(isCertificate) ? undefined : "a certificate cannot be read";
}

function certificatesIn(pem: string): string[] {
  return pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).subject !== null;
  } catch {
    return false;
  }
}

function parseKey(pem: string): KeyObject | undefined {
  try {
    return createPrivateKey(pem);
  } catch {
    return undefined; // the reason might quote the key
  }
}

/** BoringSSL's servers take RSA from 2,048 bits and three curves. */
function faultOfKey({ asymmetricKeyType: type, asymmetricKeyDetails: details }: KeyObject): string | undefined {
  if (type === "rsa") return (details?.modulusLength ?? 0) < leastRsaBits ? "an RSA key needs 2048 bits" : undefined;
  if (type === "ec")
    return curves.has(details?.namedCurve ?? "") ? undefined : "the curve must be P-256, P-384 or P-521";
  return "the key must be RSA or ECDSA";
}
