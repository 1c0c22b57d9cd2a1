import { generateKeyPairSync } from "node:crypto";
import { join } from "node:path";
import {
  BasicConstraintsExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectKeyIdentifierExtension,
  X509CertificateGenerator,
} from "./x509.ts";
import { randomSerial } from "./certificate.ts";
import type { IssuerFiles } from "./issuer.ts";
import { tokenKeyPem } from "./join-token.ts";
import { parseCertificates, parseKey, readCertificates, readKey } from "./pem-files.ts";
import { createOnce, isThere, removeDrafts } from "./stored-files.ts";
import type { PluggedInFiles, StoredAuthority } from "./types.ts";

const day = 24 * 3600_000;
const rootLife = 3650 * day; // as Istio's self-signed root
const backdated = day; // a clock set back a little must not make the root of this minute invalid
const folder = "root";

/** The self-signed root of this folder; made on the first start. Rejects with AuthorityError. */
export async function openSelfSigned(dir: string, trustDomain: string, now: number): Promise<IssuerFiles> {
  await createOnce(dir, folder, () => makeRoot(trustDomain, now));
  await removeDrafts(dir, folder);
  const names = { certificate: join(dir, folder, "certificate.pem"), key: join(dir, folder, "key.pem") };
  const key = await readKey(names.key);
  const [certificate] = await readCertificates(names.certificate);
  return { certificates: [certificate], key, roots: [certificate], names: { ...names, root: names.certificate } };
}

/** A CA made elsewhere, read from its files. Rejects with AuthorityError. https://istio.io/latest/docs/tasks/security/cert-management/plugin-ca-cert/ */
export async function openPluggedIn(files: PluggedInFiles): Promise<IssuerFiles> {
  const key = await readKey(files.key);
  const certificates = await readCertificates(files.certificate);
  const chain = files.chain && (await isThere(files.chain)) ? await readCertificates(files.chain) : [];
  const roots = await readCertificates(files.root);
  return { certificates: [...certificates, ...chain], key, roots, names: files };
}

/** A CA kept as texts. Throws AuthorityError. */
export function parseStored({ place, certificate, key, root, chain }: StoredAuthority): IssuerFiles {
  const at = (name: string): string => `${place} ${name}`;
  const names = { certificate: at("ca-cert.pem"), key: at("ca-key.pem"), root: at("root-cert.pem") };
  const between = chain === undefined ? [] : parseCertificates(chain, at("cert-chain.pem"));
  return {
    certificates: [...parseCertificates(certificate, names.certificate), ...between],
    key: parseKey(key, names.key),
    roots: parseCertificates(root, names.root),
    names,
  };
}

/** A new self-signed root with a key for join tokens, to be kept somewhere else than on this disk. `now` in ms. */
export async function makeAuthority(trustDomain: string, now: number): Promise<Omit<StoredAuthority, "place">> {
  const { "certificate.pem": certificate, "key.pem": key } = await makeRoot(trustDomain, now);
  return { certificate, key, root: certificate, tokenKey: tokenKeyPem() };
}

async function makeRoot(trustDomain: string, now: number): Promise<{ "certificate.pem": string; "key.pem": string }> {
  const pair = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const publicKey = pair.publicKey.export({ type: "spki", format: "der" });
  const privateKey = pair.privateKey.export({ type: "pkcs8", format: "der" });
  const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
  const name = `O=${trustDomain}, CN=Heddle root`;
  const certificate = await X509CertificateGenerator.create({
    serialNumber: randomSerial(),
    subject: name,
    issuer: name,
    notBefore: new Date(now - backdated),
    notAfter: new Date(now + rootLife),
    publicKey,
    signingKey: await crypto.subtle.importKey("pkcs8", privateKey, algorithm, false, ["sign"]),
    signingAlgorithm: algorithm,
    extensions: [
      new BasicConstraintsExtension(true, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(publicKey),
    ],
  });
  return {
    "certificate.pem": `${certificate.toString("pem")}\n`,
    "key.pem": pair.privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
  };
}
