import { at, listAt, type Json } from "./json.ts";

const maxLength = 16 * 1024; // bound tokens have some 1,200 bytes
const shape = /^[A-Za-z0-9_-]+\.([A-Za-z0-9_-]+)\.[A-Za-z0-9_-]+$/;

/** What a token says of itself. Nobody has verified it: good for turning away, never for letting in. */
export interface UnverifiedClaims {
  readonly expiresAt: number; // ms
}

/**
 * Turns away what the API server would refuse anyway, so that nobody makes us ask it by sending rubbish: what is no JWT, is for
 * another audience, or has expired. Answers the reason as a string. Never throws. https://www.rfc-editor.org/rfc/rfc7519
 */
export function readClaims(credential: string, audience: string, now: number): UnverifiedClaims | string {
  if (credential === "") return "there is no token";
  if (credential.length > maxLength) return `the token is longer than ${maxLength} bytes`;
  const [, payload] = shape.exec(credential) ?? [];
  if (payload === undefined) return "the token is not a JWT";
  const claims = parsePayload(payload);
  if (claims === undefined) return "the token has no payload";
  const { exp } = claims;
  const audiences = typeof claims["aud"] === "string" ? [claims["aud"]] : listAt(claims, "aud");
  if (!audiences.includes(audience)) return `the token is not for the audience ${audience}`;
  if (typeof exp !== "number" || !Number.isFinite(exp)) return "the token never expires";
  if (exp * 1000 <= now) return "the token has expired";
  return { expiresAt: exp * 1000 };
}

function parsePayload(payload: string): Json | undefined {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(payload, "base64url").toString("utf8"));
    return typeof parsed === "object" && parsed !== null && at(parsed, "exp") !== undefined
      ? (parsed as Json)
      : undefined;
  } catch {
    return undefined;
  }
}
