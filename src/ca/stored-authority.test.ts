import { X509Certificate } from "node:crypto";
import { AuthorityError } from "./authority-error.ts";
import { claimsJoinToken } from "./join-token.ts";
import { openAuthority } from "./key-ring.ts";
import { makeAuthority } from "./root.ts";
import { ecKey, heldClock, identity, pkcs8, recordedLog, rsaKey } from "./testdata/authority.ts";
import type { KeyRing, StoredAuthority } from "./types.ts";

async function makeTexts(parts: Partial<StoredAuthority> = {}): Promise<StoredAuthority> {
  return { place: "Secret mesh/ca", ...(await makeAuthority("cluster.local", Date.now())), ...parts };
}

function open(stored: () => Promise<StoredAuthority>): Promise<KeyRing> {
  return openAuthority({ stored, trustDomain: "cluster.local", clock: heldClock(), log: recordedLog().log });
}

it("is one CA wherever it is opened: the same root, and the tokens of one hold at the other", async () => {
  const kept = await makeTexts();
  const [one, other] = [await open(() => Promise.resolve(kept)), await open(() => Promise.resolve(kept))];
  expect(other.bundle()).toBe(one.bundle());
  expect(one.bundle()).toBe(new X509Certificate(kept.root).toString());
  const made = await one.tokens.createToken({ ...identity, ttlMs: 60_000 });
  const token = "token" in made ? made.token : "";
  expect(claimsJoinToken(token)).toBe(true);
  expect(await other.tokens.authenticate(token)).toEqual({ identity });
});

it("does without a key for join tokens", async () => {
  const { tokenKey: _, ...plugged } = await makeTexts();
  const ring = await open(() => Promise.resolve(plugged));
  expect(await ring.tokens.createToken({ ...identity, ttlMs: 60_000 })).toHaveProperty("token");
});

it("keeps what it had where the texts have become bad", async () => {
  const kept = await makeTexts();
  const texts = { now: kept };
  const ring = await open(() => Promise.resolve(texts.now));
  texts.now = { ...kept, key: "nonsense" };
  await expect(ring.reload()).rejects.toThrow(AuthorityError);
  expect(ring.bundle()).toBe(new X509Certificate(kept.root).toString());
  texts.now = await makeTexts();
  await ring.reload();
  expect(ring.bundle()).toBe(new X509Certificate(texts.now.root).toString());
});

it.each([
  ["no key", { key: "x" }, "CA key Secret mesh/ca ca-key.pem holds no unencrypted private key in PEM"],
  ["another's key", { key: pkcs8(ecKey()) }, "CA key Secret mesh/ca ca-key.pem does not belong to CA certificate"],
  ["no root", { root: "" }, "CA certificate Secret mesh/ca root-cert.pem holds no certificate"],
  ["a token key of another type", { tokenKey: pkcs8(rsaKey(2048)) }, "token-key.pem is not of type ECDSA P-256"],
])("refuses %s, and says where", async (_what, parts, message) => {
  await expect(open(() => makeTexts(parts))).rejects.toThrow(message);
});

it.each(["", "a.b.c", "e30.e30.e30", "bnVsbA.e30.x", "x".repeat(1 << 20), ".".repeat(3_000_000)])(
  "takes nothing else for a join token (%#)",
  (text) => expect(claimsJoinToken(text)).toBe(false),
);
