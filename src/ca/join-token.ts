import { createPublicKey, generateKeyPairSync, hash, randomUUID, type KeyObject } from "node:crypto";
import { join } from "node:path";
import { decodeProtectedHeader, errors, jwtVerify, SignJWT, type JWTPayload } from "jose";
import type { Clock } from "../lib/index.ts";
import { AuthorityError } from "./authority-error.ts";
import { parseKey, readKey } from "./pem-files.ts";
import { isSegment, parseSpiffeId, spiffeId } from "./spiffe.ts";
import { createOnce, removeDrafts } from "./stored-files.ts";
import type { Identity, JoinTokens, Refusal, TokenRequest } from "./types.ts";

/** Whom a join token is for: the control plane. */
const tokenAudience = "heddle";

/** The longest life of a join token. */
export const maxTokenLifeMs = 90 * 24 * 3600_000;

const minTokenLifeMs = 1000;
const maxLength = 4096; // ours have 500
const shape = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/;
const algorithm = "ES256";
const type = "heddle-join+jwt"; // no other JWT signed by the same key can pass for a join token
const audienceGrammar = /^[\x21-\x7e]{1,256}$/;
const folder = "token";

/** The key that signs join tokens, and nothing else; made in this folder on the first start. Rejects with AuthorityError. */
export async function openTokenKey(dir: string): Promise<KeyObject> {
  await createOnce(dir, folder, () => ({
    "key.pem": tokenKeyPem(),
  }));
  await removeDrafts(dir, folder);
  const file = join(dir, folder, "key.pem");
  return checkedTokenKey(await readKey(file), file);
}

/** The key of a PEM text; `name` is for messages. Throws AuthorityError. */
export function parseTokenKey(pem: string, name: string): KeyObject {
  return checkedTokenKey(parseKey(pem, name), name);
}

function checkedTokenKey(key: KeyObject, name: string): KeyObject {
  if (key.asymmetricKeyDetails?.namedCurve !== "prime256v1")
    throw new AuthorityError(`CA key ${name} is not of type ECDSA P-256`);
  return key;
}

/** A fresh key for join tokens as PEM (PKCS#8). */
export function tokenKeyPem(): string {
  return makeTokenKey().export({ type: "pkcs8", format: "pem" }).toString();
}

/** A fresh key for join tokens, in memory. */
export function makeTokenKey(): KeyObject {
  return generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
}

/** Whether this claims to be a join token: by its header's `typ`, which nothing has verified yet. Never throws. */
export function claimsJoinToken(credential: string): boolean {
  if (credential.length > maxLength || !shape.test(credential)) return false;
  try {
    return decodeProtectedHeader(credential).typ === type;
  } catch {
    return false;
  }
}

/** Signs join tokens and accepts its own: JWT by ES256, issuer the trust domain, subject the SPIFFE id. https://www.rfc-editor.org/rfc/rfc8725 */
export function createJoinTokens(trustDomain: string, key: KeyObject, clock: Clock): JoinTokens {
  const publicKey = createPublicKey(key);
  const kid = hash("sha256", publicKey.export({ type: "spki", format: "der" }), "base64url").slice(0, 16);

  return {
    async createToken(request) {
      const refused = refusalOf(request);
      if (refused) return { refused };
      const { namespace, serviceAccount, workload, ttlMs, audience = tokenAudience } = request;
      const now = clock.now();
      const expires = Math.floor((now + ttlMs) / 1000);
      const token = await new SignJWT(workload === undefined ? {} : { workload })
        .setProtectedHeader({ alg: algorithm, typ: type, kid })
        .setIssuer(trustDomain)
        .setSubject(spiffeId({ trustDomain, namespace, serviceAccount }))
        .setAudience(audience)
        .setIssuedAt(Math.floor(now / 1000))
        .setExpirationTime(expires)
        .setJti(randomUUID())
        .sign(key);
      return { token, expiresAt: expires * 1000 };
    },

    async authenticate(credential) {
      // Bounds before parsing: megabytes and millions of dots end here.
      if (typeof credential !== "string" || credential === "") return unauthenticated("there is no token");
      if (credential.length > maxLength) return unauthenticated(`the token is longer than ${maxLength} bytes`);
      if (!shape.test(credential)) return unauthenticated("the token is not a JWT");
      try {
        const { payload } = await jwtVerify(credential, publicKey, {
          algorithms: [algorithm],
          typ: type,
          issuer: trustDomain,
          audience: tokenAudience,
          requiredClaims: ["exp", "iat", "sub"],
          currentDate: new Date(clock.now()),
        });
        const identity = identityOf(payload, trustDomain);
        return identity ? { identity } : unauthenticated("the token's subject is not an identity of this trust domain");
      } catch (error) {
        return unauthenticated(reasonOf(error));
      }
    },
  };
}

function refusalOf({
  namespace,
  serviceAccount,
  workload,
  ttlMs,
  audience = tokenAudience,
}: TokenRequest): string | undefined {
  if (!isSegment(namespace)) return "namespace: letters, digits, dot, dash and underscore only";
  if (!isSegment(serviceAccount)) return "serviceAccount: letters, digits, dot, dash and underscore only";
  if (workload !== undefined && !isSegment(workload)) return "workload: letters, digits, dot, dash and underscore only";
  if (!(ttlMs >= minTokenLifeMs && ttlMs <= maxTokenLifeMs))
    return "the token's life must be between 1 second and 90 days";
  if (!audienceGrammar.test(audience)) return "audience: 1 to 256 printable characters";
  return undefined;
}

function identityOf({ sub, workload }: JWTPayload, trustDomain: string): Identity | undefined {
  const identity = parseSpiffeId(sub ?? "");
  if (identity?.trustDomain !== trustDomain) return undefined;
  if (workload === undefined) return identity;
  return typeof workload === "string" && isSegment(workload) ? { ...identity, workload } : undefined;
}

/** Names what was wrong, never what was in the token. */
function reasonOf(error: unknown): string {
  if (error instanceof errors.JWTExpired) return "the token has expired";
  if (error instanceof errors.JWTClaimValidationFailed)
    return `the token's claim "${error.claim}" is missing or not accepted`;
  if (error instanceof errors.JWSSignatureVerificationFailed) return "the token was not signed by this CA";
  return "the token is not a join token of this CA";
}

function unauthenticated(message: string): { refusal: Refusal } {
  return { refusal: { status: "UNAUTHENTICATED", message } };
}
