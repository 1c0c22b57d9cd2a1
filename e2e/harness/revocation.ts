import "reflect-metadata"; // @peculiar/x509 asks for it when it loads
import { createPrivateKey, X509Certificate, webcrypto } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { X509CrlGenerator, X509CrlReason } from "@peculiar/x509";

/** PEM of a list by which the CA of a folder (see `openTestAuthority`) takes these certificates back; each a PEM. */
export async function revocationList(folder: string, ...certificates: readonly string[]): Promise<string> {
  const root = new X509Certificate(readFileSync(join(folder, "root/certificate.pem")));
  const key = createPrivateKey(readFileSync(join(folder, "root/key.pem")));
  const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
  const der = key.export({ format: "der", type: "pkcs8" });
  const crl = await X509CrlGenerator.create({
    issuer: root.subject.replaceAll("\n", ", "),
    nextUpdate: new Date(Date.now() + 3_600_000),
    signingKey: await webcrypto.subtle.importKey("pkcs8", der, algorithm, false, ["sign"]),
    signingAlgorithm: algorithm,
    entries: certificates.map((pem) => ({
      serialNumber: new X509Certificate(pem).serialNumber,
      reason: X509CrlReason.keyCompromise, // an entry that says nothing more is written in a way that Envoy cannot read
    })),
  });
  return crl.toString("pem").replaceAll(" CRL-", " X509 CRL-"); // the name that OpenSSL and Envoy know
}
