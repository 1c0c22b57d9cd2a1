import { createPrivateKey, X509Certificate, type KeyObject } from "node:crypto";
import { open, type FileHandle } from "node:fs/promises";
import { AuthorityError } from "./authority-error.ts";
import { codeOf } from "./stored-files.ts";

const maxBytes = 1 << 20;
const othersMayUse = 0o027; // group may read (Kubernetes' fsGroup does so), but not write; others nothing
/** At least one. */
type Certificates = readonly [X509Certificate, ...X509Certificate[]];

const certificateBlock = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g;

/** The private key of a PEM file (PKCS#8, SEC1 or PKCS#1, not encrypted). Rejects with AuthorityError, also where others may read the file. */
export async function readKey(file: string): Promise<KeyObject> {
  return parseKey(await readPem("key", file, refuseShared), file);
}

/** The private key in a PEM text; `name` is for messages. Throws AuthorityError. */
export function parseKey(pem: string, name: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch {
    // The cause is left out: what a parser says of a key may quote it.
    throw new AuthorityError(`CA key ${name} holds no unencrypted private key in PEM`);
  }
}

/** All certificates of a PEM file, in its order; whatever else the file holds is left behind. Rejects with AuthorityError. */
export async function readCertificates(file: string): Promise<Certificates> {
  return parseCertificates(await readPem("certificate", file), file);
}

/** As `readCertificates`, of a text; `name` is for messages. Throws AuthorityError. */
export function parseCertificates(pem: string, name: string): Certificates {
  try {
    const [first, ...rest] = (pem.match(certificateBlock) ?? []).map((block) => new X509Certificate(block));
    if (first) return [first, ...rest];
  } catch {
    // told below
  }
  throw new AuthorityError(`CA certificate ${name} holds no certificate in PEM that can be read`);
}

async function readPem(what: string, file: string, check?: typeof refuseShared): Promise<string> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(file, "r");
    const { mode, size } = await handle.stat();
    check?.(file, mode);
    if (size > maxBytes) throw new AuthorityError(`CA ${what} ${file} is longer than 1 MiB`);
    return await handle.readFile("utf8");
  } catch (error) {
    if (error instanceof AuthorityError) throw error;
    throw new AuthorityError(`CA ${what} ${file} cannot be read: ${codeOf(error)}`);
  } finally {
    await handle?.close();
  }
}

function refuseShared(file: string, mode: number): void {
  if ((mode & othersMayUse) === 0) return;
  const shown = (mode & 0o777).toString(8).padStart(4, "0");
  throw new AuthorityError(
    `CA key ${file} is open to other users (mode ${shown}): run chmod 600 on it, and replace the key if it was exposed`,
  );
}
