import { createPublicKey, sign } from "node:crypto";
import fc from "fast-check";
import { decodeJwt, decodeProtectedHeader, SignJWT, UnsecuredJWT } from "jose";
import { createJoinTokens, makeTokenKey, maxTokenLifeMs } from "./join-token.ts";
import { day, heldClock, identity } from "./testdata/authority.ts";
import type { TokenRequest } from "./types.ts";

const key = makeTokenKey();
const now = 1_800_000_000_000;
const request = { namespace: "shop", serviceAccount: "reviews", ttlMs: 3600_000 };
const subject = "spiffe://cluster.local/ns/shop/sa/reviews";
const type = "heddle-join+jwt";

const tokensAt = (at: number): ReturnType<typeof createJoinTokens> =>
  createJoinTokens("cluster.local", key, heldClock(at));
const tokens = tokensAt(now);

async function made(more: Partial<TokenRequest> = {}): Promise<string> {
  const answer = await tokens.createToken({ ...request, ...more });
  if ("refused" in answer) throw new Error(answer.refused);
  return answer.token;
}

/** A token signed by our key, as ours in all but what is said here. */
function forged(claims: Record<string, unknown>, header: Record<string, unknown> = {}, signer = key): Promise<string> {
  const seconds = now / 1000;
  const payload = { iss: "cluster.local", aud: "heddle", sub: subject, iat: seconds, exp: seconds + 60, ...claims };
  return new SignJWT(payload).setProtectedHeader({ alg: "ES256", typ: type, ...header }).sign(signer);
}

const part = (value: unknown): string =>
  Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");

/** A token with this payload and header as they stand, and a valid signature over them. */
function signedRaw(header: unknown, payload: string): string {
  const body = `${part(header)}.${part(payload)}`;
  return `${body}.${sign("sha256", Buffer.from(body), { key, dsaEncoding: "ieee-p1363" }).toString("base64url")}`;
}

describe("join tokens", () => {
  it("say who and nothing else, and are accepted", async () => {
    const token = await made();
    expect(decodeProtectedHeader(token)).toEqual({ alg: "ES256", typ: type, kid: expect.any(String) });
    expect(decodeJwt(token)).toEqual({
      iss: "cluster.local",
      sub: subject,
      aud: "heddle",
      iat: now / 1000,
      exp: now / 1000 + 3600,
      jti: expect.any(String),
    });
    expect(await tokens.authenticate(token)).toEqual({ identity });
  });

  it("may be bound to a workload", async () => {
    const token = await made({ workload: "reviews-v1" });
    expect(await tokens.authenticate(token)).toEqual({ identity: { ...identity, workload: "reviews-v1" } });
  });

  it("end when they said", async () => {
    const token = await made();
    expect(await tokensAt(now + 3599_000).authenticate(token)).toEqual({ identity });
    expect(await tokensAt(now + 3600_000).authenticate(token)).toMatchObject({
      refusal: { message: "the token has expired" },
    });
  });

  it.each<[string, Partial<TokenRequest>]>([
    ["namespace", { namespace: "shop/sa/admin" }],
    ["namespace", { namespace: "" }],
    ["serviceAccount", { serviceAccount: "re\0views" }],
    ["workload", { workload: "../x" }],
    ["audience", { audience: "" }],
    ["life", { ttlMs: 0 }],
    ["life", { ttlMs: Number.NaN }],
    ["life", { ttlMs: maxTokenLifeMs + 1 }],
  ])("are not made with a wrong %s (%j)", async (what, more) => {
    expect(await tokens.createToken({ ...request, ...more })).toEqual({ refused: expect.stringContaining(what) });
  });
});

describe("F43: what is no token of ours is UNAUTHENTICATED, and nothing crashes", () => {
  const publicPem = createPublicKey(key).export({ type: "spki", format: "pem" }).toString();
  const future = now / 1000 + 60;
  const cases: [string, () => Promise<string> | string][] = [
    ["empty", () => ""],
    ["not a JWT", () => "hello"],
    ["two dots only", () => ".."],
    ["1 MB", () => `${"a".repeat(500_000)}.${"b".repeat(500_000)}.c`],
    ["three million dots", () => ".".repeat(3_000_000)],
    ["a NUL", async () => `${await made()}\0`],
    ["a newline", async () => `${await made()}\n`],
    ["another audience", () => made({ audience: "istio-ca" })],
    ["no audience", () => forged({ aud: undefined })],
    ["another trust domain as issuer", () => forged({ iss: "elsewhere.example" })],
    ["another trust domain as subject", () => forged({ sub: "spiffe://elsewhere.example/ns/shop/sa/reviews" })],
    ["no subject", () => forged({ sub: undefined })],
    ["a subject that is no SPIFFE id", () => forged({ sub: "system:serviceaccount:shop:reviews" })],
    ["a subject that is no text", () => forged({ sub: 7 })],
    ["a workload that is no text", () => forged({ workload: { name: "x" } })],
    ["a workload that climbs", () => forged({ workload: ".." })],
    ["expired", () => forged({ exp: now / 1000 })],
    ["no end", () => forged({ exp: undefined })],
    ["an end that is no number", () => forged({ exp: "tomorrow" })],
    ["no beginning", () => forged({ iat: undefined })],
    ["not valid yet", () => forged({ nbf: future })],
    ["another type of JWT", () => forged({}, { typ: "JWT" })],
    ["no type", () => forged({}, { typ: undefined })],
    [
      "an unknown critical header",
      () =>
        forged({}, { crit: ["x"], x: 1 }).catch(() =>
          signedRaw({ alg: "ES256", typ: type, crit: ["x"], x: 1 }, part({})),
        ),
    ],
    ["another CA's key", () => forged({}, {}, makeTokenKey())],
    ["a signature cut short", async () => (await made()).slice(0, -4)],
    [
      "another's payload",
      async () =>
        [
          ...(await made()).split(".").slice(0, 1),
          part({ sub: subject, exp: future }),
          (await made()).split(".")[2],
        ].join("."),
    ],
    ["payload null", () => signedRaw({ alg: "ES256", typ: type }, "null")],
    ["payload a list", () => signedRaw({ alg: "ES256", typ: type }, "[]")],
    ["payload not JSON", () => signedRaw({ alg: "ES256", typ: type }, "{")],
    ["payload nested 1,000 deep", () => signedRaw({ alg: "ES256", typ: type }, "[".repeat(1000))],
    ["header null", () => signedRaw(null, "{}")],
    ["header a list", () => signedRaw([], "{}")],
    [
      "alg none",
      () =>
        new UnsecuredJWT({ iss: "cluster.local", aud: "heddle", sub: subject, iat: now / 1000, exp: future }).encode(),
    ],
    ["alg none with a signature", () => `${part({ alg: "none", typ: type })}.${part({ sub: subject })}.AAAA`],
    ["the public key as an HMAC secret", async () => forgedHmac(publicPem)],
  ];

  it.each(cases)("%s", async (_what, write) => {
    const credential = await write();
    const answer = await tokens.authenticate(credential);
    expect(answer).toEqual({ refusal: { status: "UNAUTHENTICATED", message: expect.any(String) } });
    if (credential.length > 20) expect(JSON.stringify(answer)).not.toContain(credential.slice(0, 20));
  });

  it("has a valid token to start from", async () => {
    // Else the table above could pass for another reason.
    expect(await tokens.authenticate(await forged({}))).toEqual({ identity });
    expect(
      await tokens.authenticate(signedRaw({ alg: "ES256", typ: type }, JSON.stringify(decodeJwt(await forged({}))))),
    ).toEqual({ identity });
  });

  it("any text at all, and any token of ours with a byte changed", async () => {
    const token = await made();
    const mutated = fc
      .tuple(fc.nat(token.length - 2), fc.constantFrom(..."AQgwx019-_."))
      .map(([at, letter]) => token.slice(0, at) + letter + token.slice(at + 1))
      .filter((text) => text !== token);
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.string(), fc.string({ unit: "binary" }), mutated), async (text) => {
        expect(await tokens.authenticate(text)).toMatchObject({ refusal: { status: "UNAUTHENTICATED" } });
      }),
      { numRuns: 200 },
    );
  }, 60_000);

  it("a year of clock jumps does not turn a token into another's", async () => {
    const token = await made();
    expect(await tokensAt(now - 365 * day).authenticate(token)).toEqual({ identity });
    expect(await tokensAt(now + 365 * day).authenticate(token)).toHaveProperty("refusal");
  });
});

function forgedHmac(secret: string): Promise<string> {
  const claims = { iss: "cluster.local", aud: "heddle", sub: subject, iat: now / 1000, exp: now / 1000 + 60 };
  return new SignJWT(claims).setProtectedHeader({ alg: "HS256", typ: type }).sign(Buffer.from(secret));
}
