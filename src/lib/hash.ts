import { hash } from "node:crypto";

/** A short content hash: equal bytes, equal text, on every machine and across restarts. 96 bits of SHA-256. */
export function contentHash(bytes: Uint8Array | string): string {
  return hash("sha256", bytes, "buffer").toString("base64url", 0, 12); // the slice of a longer text would keep all of it
}
