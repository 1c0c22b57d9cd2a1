import { X509Certificate } from "node:crypto";
import type { Problem } from "../../lib/index.ts";
import { refOf, type MeshObject } from "../../model/index.ts";

/**
 * Certificates of Secrets that do not count at a moment: those that have ended, or have yet to begin. Clients refuse what a gateway shows
 * then. Asked by `check` alone, which knows what time it is. https://istio.io/latest/docs/reference/config/analysis/ist0161/
 */
export function endedCertificates(objects: readonly MeshObject[], now: Date): readonly Problem[] {
  return objects.flatMap((object) => (object.kind === "Secret" ? ofSecret(object, now) : []));
}

function ofSecret(object: MeshObject<"Secret">, now: Date): readonly Problem[] {
  const { keyPair, roots } = object.spec;
  const found = [
    [keyPair?.certificateChain, "the certificate", ["tls.crt", "cert"]],
    [roots, "a root", ["ca.crt", "cacert"]],
  ] as const;
  return found.flatMap(([pem, what, names]) => {
    const fault = pem === undefined ? undefined : faultAt(pem, now);
    if (fault === undefined) return [];
    const position = places(object, names);
    const hint = "put a new one into the Secret: gateways take it at once";
    return [
      { code: "IST0161", level: "warning", object: refOf(object), message: `${what} ${fault}`, hint, ...position },
    ];
  });
}

/** What is wrong with the first certificate of a text that does not count now: of a chain that is the server's own. */
function faultAt(pem: string, now: Date): string | undefined {
  const [first] = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  if (first === undefined) return undefined;
  const { validFromDate, validToDate } = new X509Certificate(first);
  if (validToDate < now) return `has ended on ${validToDate.toISOString().slice(0, 10)}`;
  if (validFromDate > now) return `begins on ${validFromDate.toISOString().slice(0, 10)} only`;
  return undefined;
}

/** Where the text stands: under the first of these names, in `stringData` or `data`; the object itself where there are no lines. */
function places({ origin }: MeshObject, names: readonly string[]): Pick<Problem, "position" | "field"> {
  const whole = origin.at([]);
  const paths = ["stringData", "data"].flatMap((map) => names.map((name) => [map, name]));
  const path = paths.find(([map = "", name = ""]) => origin.at([map, name]).line > origin.at([map]).line);
  return path ? { position: origin.at(path), field: path.join(".") } : { position: whole, field: "data" };
}
