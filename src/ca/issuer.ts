import type { KeyObject, X509Certificate } from "node:crypto";
import { AuthorityError } from "./authority-error.ts";
import {
  AuthorityKeyIdentifierExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate as Certificate,
} from "./x509.ts";

/** What the CA signs with now, and whom its callers shall trust. Immutable: a rotation makes a new one. */
export interface Issuer {
  readonly name: Uint8Array; // DER
  readonly key: KeyObject;
  readonly algorithm: SigningAlgorithm;
  readonly authorityKeyId: AuthorityKeyIdentifierExtension;
  readonly intermediates: string; // PEM, in order; empty where a root signs
  readonly notAfter: number; // ms: of whatever on the path ends first
  readonly certificate: X509Certificate;
  readonly roots: readonly X509Certificate[]; // may be several while a root rotates
}

/** How a key signs: the hash as OpenSSL names it, the AlgorithmIdentifier in DER. */
interface SigningAlgorithm {
  readonly hash: "sha256" | "sha384";
  readonly identifier: Uint8Array;
}

const algorithms = {
  ecdsaSha256: { hash: "sha256", identifier: Buffer.from("300a06082a8648ce3d040302", "hex") },
  ecdsaSha384: { hash: "sha384", identifier: Buffer.from("300a06082a8648ce3d040303", "hex") },
  rsaSha256: { hash: "sha256", identifier: Buffer.from("300d06092a864886f70d01010b0500", "hex") },
} as const satisfies Record<string, SigningAlgorithm>;

/** Files as read, and their names for the messages. */
export interface IssuerFiles {
  readonly certificates: readonly [X509Certificate, ...X509Certificate[]]; // the signing certificate, then whatever may lie between it and a root
  readonly key: KeyObject;
  readonly roots: readonly X509Certificate[];
  readonly names: { readonly certificate: string; readonly key: string; readonly root: string };
}

/** Checks that a key and its certificates make a CA at this moment (ms). Rejects with AuthorityError, which says which file is wrong. */
export async function createIssuer({ certificates, key, roots, names }: IssuerFiles, now: number): Promise<Issuer> {
  const [certificate, ...others] = certificates;
  const algorithm = signingAlgorithmFor(key, names.key);
  if (!certificate.checkPrivateKey(key)) {
    throw new AuthorityError(`CA key ${names.key} does not belong to CA certificate ${names.certificate}`);
  }
  const path = pathToRoot(certificate, others, roots);
  if (!path) throw new AuthorityError(`CA certificate ${names.certificate} does not lead to a root of ${names.root}`);
  for (const step of path) checkCa(step, roots.includes(step) ? names.root : names.certificate, now);
  const parsed = new Certificate(certificate.raw);
  return {
    name: new Uint8Array(parsed.subjectName.toArrayBuffer()),
    key,
    algorithm,
    authorityKeyId: await keyIdOf(parsed),
    intermediates: path.slice(0, -1).map(String).join(""),
    notAfter: Math.min(...path.map((step) => step.validToDate.getTime())),
    certificate,
    roots,
  };
}

/** The issuer's own key id where it says one: a verifier compares the two. */
async function keyIdOf(certificate: Certificate): Promise<AuthorityKeyIdentifierExtension> {
  const said = certificate.getExtension(SubjectKeyIdentifierExtension);
  return said
    ? new AuthorityKeyIdentifierExtension(said.keyId)
    : AuthorityKeyIdentifierExtension.create(certificate.publicKey);
}

function signingAlgorithmFor(key: KeyObject, file: string): SigningAlgorithm {
  const { namedCurve, modulusLength = 0 } = key.asymmetricKeyDetails ?? {};
  if (namedCurve === "prime256v1") return algorithms.ecdsaSha256;
  if (namedCurve === "secp384r1") return algorithms.ecdsaSha384;
  if (key.asymmetricKeyType === "rsa" && modulusLength >= 2048) return algorithms.rsaSha256;
  throw new AuthorityError(
    `CA key ${file} is of a type we do not sign with: use ECDSA P-256 or P-384, or RSA of 2048 bits or more`,
  );
}

/** From a certificate to the root that vouches for it, both included; each signature is checked. */
function pathToRoot(
  from: X509Certificate,
  between: readonly X509Certificate[],
  roots: readonly X509Certificate[],
): readonly X509Certificate[] | undefined {
  const root = roots.find((candidate) => candidate.fingerprint256 === from.fingerprint256);
  if (root) return [root];
  const above = roots.find((candidate) => signed(candidate, from));
  if (above) return [from, above];
  for (const candidate of between.filter((other) => signed(other, from))) {
    const rest = pathToRoot(
      candidate,
      between.filter((other) => other !== candidate),
      roots,
    );
    if (rest) return [from, ...rest];
  }
  return undefined;
}

function signed(issuer: X509Certificate, subject: X509Certificate): boolean {
  return subject.checkIssued(issuer) && subject.verify(issuer.publicKey);
}

function checkCa(certificate: X509Certificate, file: string, now: number): void {
  const { validFromDate, validToDate } = certificate;
  if (!certificate.ca)
    throw new AuthorityError(
      `CA certificate ${file} is not a CA: it lacks CA:true, or the key usage to sign certificates`,
    );
  if (now >= validToDate.getTime())
    throw new AuthorityError(`CA certificate ${file} expired on ${validToDate.toISOString()}`);
  if (now < validFromDate.getTime())
    throw new AuthorityError(`CA certificate ${file} is not valid before ${validFromDate.toISOString()}`);
}
