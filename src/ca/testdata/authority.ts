import { createPublicKey, generateKeyPairSync, randomBytes, type KeyObject } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { pino } from "pino";
import type { Clock, Log } from "../../lib/index.ts";
import { openAuthority } from "../key-ring.ts";
import type { AuthorityOptions, KeyRing, PluggedInFiles } from "../types.ts";
import {
  BasicConstraintsExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  X509CertificateGenerator,
  type Extension,
} from "../x509.ts";

export const day = 24 * 3600_000;
export const identity = { trustDomain: "cluster.local", namespace: "shop", serviceAccount: "reviews" };

/** A clock that stands where it is put. */
export interface HeldClock extends Clock {
  at: number;
}

export function heldClock(at = Date.now()): HeldClock {
  const clock: HeldClock = { at, now: () => clock.at, after: () => () => undefined };
  return clock;
}

/** A log at its most talkative, and all that was written to it. */
export function recordedLog(): { log: Log; text: () => string } {
  let text = "";
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      text += chunk.toString();
      done();
    },
  });
  return { log: pino({ level: "trace" }, sink), text: () => text };
}

/** A folder that is gone after the test. */
export async function temporaryFolder(cleanups: (() => Promise<unknown>)[]): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), "heddle-ca-"));
  cleanups.push(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

export function openIn(dir: string, more: Partial<AuthorityOptions> = {}): Promise<KeyRing> {
  return openAuthority({ dir, trustDomain: "cluster.local", clock: heldClock(), log: pino({ level: "silent" }), ...more });
}

/** A certificate made by somebody else. */
export interface Made {
  readonly pem: string;
  readonly key: KeyObject;
  readonly name: string;
}

export interface Making {
  readonly name: string;
  readonly issuer?: Made;
  readonly key?: KeyObject;
  readonly extensions?: readonly Extension[];
  readonly from?: number;
  readonly to?: number;
}

const curves: Record<string, { namedCurve: string; hash: string }> = {
  prime256v1: { namedCurve: "P-256", hash: "SHA-256" },
  secp384r1: { namedCurve: "P-384", hash: "SHA-384" },
};

export const caExtensions: readonly Extension[] = [
  new BasicConstraintsExtension(true, undefined, true),
  new KeyUsagesExtension(KeyUsageFlags.keyCertSign, true),
];

/** Signs a CA certificate, or what the extensions make of it. */
export async function makeCertificate(making: Making): Promise<Made> {
  const { name, issuer, key = ecKey(), extensions = caExtensions, from = Date.now() - day, to = Date.now() + 365 * day } = making;
  const signer = issuer?.key ?? key;
  const curve = curves[signer.asymmetricKeyDetails?.namedCurve ?? ""];
  const algorithm = curve ? { name: "ECDSA", ...curve } : { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
  const signingKey = await crypto.subtle.importKey("pkcs8", signer.export({ type: "pkcs8", format: "der" }), algorithm, false, ["sign"]);
  const spki = createPublicKey(key).export({ type: "spki", format: "der" });
  const certificate = await X509CertificateGenerator.create({
    serialNumber: randomBytes(8).toString("hex"),
    subject: name,
    issuer: issuer?.name ?? name,
    notBefore: new Date(from),
    notAfter: new Date(to),
    publicKey: spki,
    signingKey,
    signingAlgorithm: algorithm,
    extensions: [...extensions],
  });
  return { pem: `${certificate.toString("pem")}\n`, key, name };
}

export function ecKey(namedCurve = "prime256v1"): KeyObject {
  return generateKeyPairSync("ec", { namedCurve }).privateKey;
}

export function rsaKey(modulusLength: number): KeyObject {
  return generateKeyPairSync("rsa", { modulusLength }).privateKey;
}

/** Writes the three files of a plugged-in CA. */
export async function writePluggedIn(dir: string, parts: { certificate: string; key: string; root: string; chain?: string }): Promise<PluggedInFiles> {
  const files = { certificate: join(dir, "ca-cert.pem"), key: join(dir, "ca-key.pem"), root: join(dir, "root-cert.pem") };
  await writeFile(files.certificate, parts.certificate);
  await writeFile(files.key, parts.key, { mode: 0o600 });
  await writeFile(files.root, parts.root);
  if (parts.chain === undefined) return files;
  const chain = join(dir, "cert-chain.pem");
  await writeFile(chain, parts.chain);
  return { ...files, chain };
}

export function pkcs8(key: KeyObject): string {
  return key.export({ type: "pkcs8", format: "pem" }).toString();
}
