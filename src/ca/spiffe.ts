import type { Identity } from "./types.ts";

const trustDomainGrammar = /^[a-z0-9._-]{1,255}$/;
const segmentGrammar = /^[A-Za-z0-9._-]{1,253}$/;
const maxLength = 2048;

/** A trust domain by SPIFFE's grammar: no upper case, no port, no user. https://github.com/spiffe/spiffe/blob/main/standards/SPIFFE-ID.md#21-trust-domain */
export function isTrustDomain(text: string): boolean {
  return trustDomainGrammar.test(text);
}

/** One path segment by SPIFFE's grammar: neither slash, percent, NUL nor any other surprise; not `.` or `..`. */
export function isSegment(text: string): boolean {
  return segmentGrammar.test(text) && text !== "." && text !== "..";
}

/**
 * `spiffe://<trust domain>/ns/<namespace>/sa/<service account>`. Throws a RangeError where a name is outside SPIFFE's
 * grammar: such a name must never reach a certificate. https://istio.io/latest/docs/concepts/security/#istio-identity
 */
export function spiffeId(identity: Identity): string {
  const { trustDomain, namespace, serviceAccount } = identity;
  if (!isTrustDomain(trustDomain)) throw new RangeError("the trust domain is not a SPIFFE trust domain");
  if (!isSegment(namespace)) throw new RangeError("the namespace is not a SPIFFE path segment");
  if (!isSegment(serviceAccount)) throw new RangeError("the service account is not a SPIFFE path segment");
  return `spiffe://${trustDomain}/ns/${namespace}/sa/${serviceAccount}`;
}

/** The identity a SPIFFE id names; undefined for anything that `spiffeId` would not write. */
export function parseSpiffeId(text: string): Identity | undefined {
  if (text.length > maxLength || !text.startsWith("spiffe://")) return undefined;
  const [trustDomain = "", ns, namespace = "", sa, serviceAccount = "", ...more] = text
    .slice("spiffe://".length)
    .split("/");
  if (ns !== "ns" || sa !== "sa" || more.length > 0) return undefined;
  if (!isTrustDomain(trustDomain) || !isSegment(namespace) || !isSegment(serviceAccount)) return undefined;
  return { trustDomain, namespace, serviceAccount };
}
