import { memo } from "../../lib/index.ts";
import type { GatewayTls, MeshObject } from "../../model/index.ts";
import type { Credential } from "../types.ts";

type SecretObject = MeshObject<"Secret">;

/** What a server's TLS is made of, and why it cannot be. A server with a fault is not served: fail closed. */
export interface ServerCredentials {
  readonly certificates: readonly string[]; // SDS names
  readonly roots: string; // SDS name; "" for none
  readonly credentials: readonly Credential[];
  readonly fault?: Unavailable & { readonly field: keyof GatewayTls };
}

/** Why a Secret is not to be had. `isThere`: there is one, and it has not what is needed. */
export interface Unavailable {
  readonly message: string;
  readonly isThere: boolean;
}

/** Which Secret may be looked up: only those of the proxy's own verified namespace (CVE-2021-34824). */
export type SecretLookup = (namespace: string, name: string) => SecretObject | undefined;

/** The Secrets of a snapshot by namespace and name. */
export const secretsByName = memo(
  (secrets: readonly SecretObject[]): ReadonlyMap<string, SecretObject> =>
    new Map(secrets.map((secret) => [`${secret.metadata.namespace}/${secret.metadata.name}`, secret])),
);

const nothing: ServerCredentials = Object.freeze({ certificates: [], roots: "", credentials: [] });
const caSuffix = "-cacert";

/**
 * The credentials of a server, by Istio's SDS names: `kubernetes://namespace/name`, `…-cacert` for the roots, `file-cert:CERT~KEY` and
 * `file-root:CA` for files of the proxy's machine. `own` is the proxy's namespace.
 * https://istio.io/latest/docs/tasks/traffic-management/ingress/secure-ingress/
 */
export function credentialsFor(tls: GatewayTls | undefined, own: string, lookup: SecretLookup): ServerCredentials {
  const { mode = "PASSTHROUGH" } = tls ?? {};
  if (!tls || !usesCredentials(mode)) return nothing;
  const certificates = certificatesOf(tls, own, lookup);
  if ("field" in certificates) return { ...nothing, fault: certificates };
  const roots = mode === "SIMPLE" ? undefined : rootsOf(tls, own, lookup);
  if (roots && "field" in roots) return { ...nothing, fault: roots };
  return {
    certificates: certificates.map(({ name }) => name),
    roots: roots?.name ?? "",
    credentials: roots ? [...certificates, roots] : certificates,
  };
}

/**
 * The Secrets of namespace `own` in which `credentialsFor` may look, by name: what a control plane with few rights has to be able to read.
 */
export function secretNames(tls: GatewayTls, own: string): readonly string[] {
  const { mode = "PASSTHROUGH" } = tls;
  if (!usesCredentials(mode)) return [];
  const written = certificateNames(tls);
  const roots = mode === "SIMPLE" ? undefined : tls.caCertCredentialName || written[0];
  const implied = roots && !tls.caCertCredentialName ? [`${roots}${caSuffix}`] : [];
  return [...written, ...(roots ? [roots] : []), ...implied].flatMap((one) => {
    const { namespace, name } = secretName(one, own);
    return namespace === own && name !== "" ? [name] : [];
  });
}

function usesCredentials(mode: string): boolean {
  return mode === "SIMPLE" || mode === "MUTUAL" || mode === "OPTIONAL_MUTUAL";
}

function certificateNames(tls: GatewayTls): readonly string[] {
  return tls.credentialName ? [tls.credentialName] : (tls.credentialNames ?? []);
}

type Fault = NonNullable<ServerCredentials["fault"]>;

function certificatesOf(tls: GatewayTls, own: string, lookup: SecretLookup): Credential[] | Fault {
  const named = certificateNames(tls);
  const field = tls.credentialName ? "credentialName" : "credentialNames";
  if (named.length === 0) {
    const files = tls.tlsCertificates?.length ? tls.tlsCertificates : [tls];
    return files.map(({ serverCertificate: certificate = "", privateKey = "" }) => ({
      name: `file-cert:${certificate}~${privateKey}`,
      part: "keyPair",
      files: { certificate, privateKey },
    }));
  }
  const found = named.map((written) => keyPairNamed(written, own, lookup));
  const fault = found.find(isUnavailable);
  return fault ? { field, ...fault } : found.flatMap((one) => (isUnavailable(one) ? [] : [one]));
}

export function isUnavailable(found: Credential | Unavailable): found is Unavailable {
  return "isThere" in found;
}

/** The certificate and key of a `credentialName`, or why there is none. */
export function keyPairNamed(written: string, own: string, lookup: SecretLookup): Credential | Unavailable {
  const { namespace, name } = secretName(written, own);
  if (namespace !== own) return notOurs(namespace, name, own);
  const secret = lookup(namespace, name);
  if (!secret?.spec.keyPair) return missing(namespace, name, secret, "a certificate and its key");
  return { name: `kubernetes://${namespace}/${name}`, part: "keyPair", secret };
}

function rootsOf(tls: GatewayTls, own: string, lookup: SecretLookup): Credential | Fault {
  const named = tls.caCertCredentialName || tls.credentialName || tls.credentialNames?.[0];
  const field = tls.caCertCredentialName ? "caCertCredentialName" : "credentialName";
  if (!named) return fileRoots(tls);
  const found = rootsNamed(named, own, lookup, tls.caCertCredentialName ? [""] : [caSuffix, ""]);
  return isUnavailable(found) ? { field, ...found } : found;
}

/** The roots of a `credentialName`, from the Secret of that name with one of these endings, or why there are none. */
export function rootsNamed(
  written: string,
  own: string,
  lookup: SecretLookup,
  endings: readonly string[] = [caSuffix, ""],
): Credential | Unavailable {
  const { namespace, name } = secretName(written, own);
  if (namespace !== own) return notOurs(namespace, name, own);
  const secret = endings.map((ending) => lookup(namespace, `${name}${ending}`)).find((one) => one?.spec.roots);
  if (!secret) return missing(namespace, name, lookup(namespace, name), "ca.crt");
  return { name: `kubernetes://${namespace}/${name}${caSuffix}`, part: "roots", secret };
}

function fileRoots({ caCertificates: roots = "", caCrl: crl }: GatewayTls): Credential {
  const files = { roots, ...(crl && { crl }) };
  return { name: `file-root:${roots}${crl ? `~${crl}` : ""}`, part: "roots", files };
}

/** `name`, `namespace/name` or either behind `kubernetes://`. */
export function secretName(written: string, own: string): { namespace: string; name: string } {
  const parts = written.replace(/^kubernetes(-gateway)?:\/\//, "").split("/");
  const name = parts.pop() ?? "";
  return { namespace: parts[0] ?? own, name };
}

function notOurs(namespace: string, name: string, own: string): Unavailable {
  const message = `the Secret ${namespace}/${name} is not in the proxy's namespace ${own}: nobody else gets it`;
  return { message, isThere: false };
}

function missing(namespace: string, name: string, secret: SecretObject | undefined, what: string): Unavailable {
  const which = `the Secret ${namespace}/${name}`;
  return {
    message: secret ? `${which} has no ${what} in PEM` : `${which} is not there, or not valid`,
    isThere: secret !== undefined,
  };
}
