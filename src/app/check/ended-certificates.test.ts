import { readFileSync } from "node:fs";
import { join } from "node:path";
import { formatProblem } from "../../lib/index.ts";
import { parseDocuments } from "../../model/index.ts";
import { endedCertificates } from "./ended-certificates.ts";

/** Holds a key pair that counts from November 2026 for a hundred years. */
const file = join(__dirname, "../../mesh/findings/testdata/gateway-credential-missing/good.yaml");
const { objects } = parseDocuments(readFileSync(file, "utf8"), "mesh.yaml");
const at = (date: string) => endedCertificates(objects, new Date(date)).map(formatProblem);

it("tells of a certificate that has ended, and of one that has not begun, with the line", () => {
  expect(at("2126-10-30")).toEqual([
    "mesh.yaml:14:3: warning IST0161 Secret ingress/shop stringData.tls.crt: the certificate has ended on 2126-10-29 " +
      "(put a new one into the Secret: gateways take it at once)",
  ]);
  expect(at("2026-11-01")).toEqual([expect.stringContaining("the certificate begins on 2026-11-22 only")]);
});

it("finds nothing while it counts, and nothing in what is no certificate", () => {
  expect(at("2030-01-01")).toEqual([]);
  const other = `apiVersion: v1\nkind: Secret\nmetadata: { name: a }\nstringData: { password: b }\n`;
  expect(endedCertificates(parseDocuments(other, "a.yaml").objects, new Date())).toEqual([]);
});
