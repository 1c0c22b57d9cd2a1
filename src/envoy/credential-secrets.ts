import { CertificateValidationContext } from "../../generated/envoy/extensions/transport_sockets/tls/v3/common.ts";
import { Secret } from "../../generated/envoy/extensions/transport_sockets/tls/v3/secret.ts";
import { memo, memoNamed } from "../lib/index.ts";
import type { Credential, ProxyView } from "../mesh/index.ts";
import type { MeshObject } from "../model/index.ts";
import { memoList } from "./memo-list.ts";
import { encodeResource, type Resource, type ResourceMap } from "./resource.ts";

/**
 * What a gateway's servers, a Sidecar's listeners and the clusters of a proxy show and trust, by SDS name: for this proxy's own stream and
 * nothing else. These resources hold private keys, so they are no part of what `buildResources` gives, which is rendered, compared and shown.
 * https://www.envoyproxy.io/docs/envoy/v1.40.0/configuration/security/secret
 */
export function credentialSecrets({ gateway, inbound, credentials }: ProxyView): ResourceMap {
  return mapOf([...(gateway ?? inbound).credentials, ...credentials].map(resourceFor));
}

const mapOf = memoList(
  (list: readonly Resource[]): ResourceMap => new Map(list.map((resource) => [resource.name, resource])),
);

function resourceFor(credential: Credential): Resource {
  if ("secret" in credential) {
    const { secret, part, name } = credential;
    return part === "keyPair" ? keyPairOf(secret, name) : rootsOf(secret, name);
  }
  return resourceOfFiles(credential);
}

type FileCredential = Extract<Credential, { files: unknown }>;

const resourceOfFiles = memo((credential: FileCredential): Resource =>
  encodeResource("sds", credential.name, Secret, ofFiles(credential), []),
);

const keyPairOf = memoNamed((secret: MeshObject<"Secret">, name: string): Resource => {
  const { certificateChain = "", privateKey } = secret.spec.keyPair ?? {};
  const message = Secret.fromPartial({
    name,
    tlsCertificate: {
      certificateChain: { inlineString: certificateChain },
      privateKey: { inlineString: privateKey?.reveal() ?? "" },
    },
  });
  return encodeResource("sds", name, Secret, message, [{ object: secret, field: ["data"] }]);
});

const rootsOf = memoNamed((secret: MeshObject<"Secret">, name: string): Resource => {
  const { roots = "", crl } = secret.spec;
  const validationContext = CertificateValidationContext.fromPartial({
    trustedCa: { inlineString: roots },
    ...(crl !== undefined && { crl: { inlineString: crl } }),
  });
  const message = Secret.fromPartial({ name, validationContext });
  return encodeResource("sds", name, Secret, message, [{ object: secret, field: ["data"] }]);
});

/** Files of the proxy's machine: no key travels. Envoy reads them again when their folder changes. */
function ofFiles(credential: FileCredential): Secret {
  const { name } = credential;
  if (credential.part === "keyPair") {
    const { certificate, privateKey } = credential.files;
    return Secret.fromPartial({
      name,
      tlsCertificate: {
        certificateChain: { filename: certificate },
        privateKey: { filename: privateKey },
        ...watchedFolder(certificate, privateKey),
      },
    });
  }
  const { roots, crl } = credential.files;
  return Secret.fromPartial({
    name,
    validationContext: {
      trustedCa: { filename: roots },
      ...(crl !== undefined && { crl: { filename: crl } }),
      ...watchedFolder(roots, crl ?? roots),
    },
  });
}

/** The folder of two files; where they have one each Envoy watches both unasked, and only one that is named. */
function watchedFolder(file: string, other: string): { readonly watchedDirectory?: { readonly path: string } } {
  const path = folderOf(file);
  return path === folderOf(other) ? { watchedDirectory: { path } } : {};
}

function folderOf(file: string): string {
  return file.slice(0, Math.max(1, file.lastIndexOf("/")));
}
