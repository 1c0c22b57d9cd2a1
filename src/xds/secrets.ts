import { Secret } from "../../generated/envoy/extensions/transport_sockets/tls/v3/secret.ts";
import type { Authority, Identity } from "../ca/index.ts";
import { encodeResource, type Resource } from "../envoy/index.ts";
import type { Clock } from "../lib/index.ts";

/** Names of the two secrets there are: the workload's own certificate with its key, and the roots it trusts. They are Istio's names. */
export const secretNames = ["default", "ROOTCA"] as const;
export type SecretName = (typeof secretNames)[number];

/** Secrets for exactly one identity, which the caller has verified. */
export interface SecretSource {
  /** The same resource until it changes. Rejects when it cannot be made now; ask again later. */
  secretFor(identity: Identity, name: SecretName): Promise<Resource>;
  /** Called when a secret must be asked for again: of one identity, or of all. The returned function ends the subscription. */
  onChange(listener: (name: SecretName, identity?: Identity) => void): () => void;
}

interface Issued {
  readonly identity: Identity;
  readonly resource: Promise<Resource>;
}

const longestTimer = 24 * 24 * 3_600_000; // setTimeout takes no more than 2^31 ms

/**
 * Certificates made by the authority when they are asked for: one for each identity, shared by its streams, renewed at `renewAt`.
 * An identity that nobody asks for any more is not renewed. Keys live in memory and in the SDS resource, nowhere else.
 */
export function createSecretSource(authority: Authority, clock: Clock): SecretSource {
  const leaves = new Map<string, Issued>();
  const listeners = new Set<(name: SecretName, identity?: Identity) => void>();
  let roots: Resource | undefined;
  const tell = (name: SecretName, identity?: Identity): void => {
    for (const listener of listeners) listener(name, identity);
  };
  authority.onBundle(() => {
    roots = undefined;
    tell("ROOTCA");
  });

  async function issue(key: string, identity: Identity): Promise<Resource> {
    const leaf = await authority.issue(identity);
    const delay = Math.min(longestTimer, Math.max(1_000, leaf.renewAt - clock.now()));
    clock.after(delay, () => {
      leaves.delete(key);
      tell("default", identity);
    });
    return viewLeaf(leaf.certificateChain, leaf.privateKey);
  }

  function leafFor(identity: Identity): Promise<Resource> {
    const { trustDomain, namespace, serviceAccount } = identity;
    const key = JSON.stringify([trustDomain, namespace, serviceAccount]); // all that a certificate says
    let issued = leaves.get(key);
    if (!issued) {
      issued = { identity, resource: issue(key, { trustDomain, namespace, serviceAccount }) };
      leaves.set(key, issued);
      issued.resource.catch(() => leaves.delete(key)); // the next one who asks tries again
    }
    return issued.resource;
  }

  return {
    secretFor(identity, name) {
      if (name === "default") return leafFor(identity);
      roots ??= viewRoots(authority.bundle());
      return Promise.resolve(roots);
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** https://www.envoyproxy.io/docs/envoy/latest/api-v3/extensions/transport_sockets/tls/v3/secret.proto */
function viewLeaf(certificateChain: string, privateKey: string): Resource {
  const secret = Secret.fromPartial({
    name: "default",
    tlsCertificate: { certificateChain: { inlineString: certificateChain }, privateKey: { inlineString: privateKey } },
  });
  return encodeResource("sds", secret.name, Secret, secret, []);
}

function viewRoots(bundle: string): Resource {
  const secret = Secret.fromPartial({ name: "ROOTCA", validationContext: { trustedCa: { inlineString: bundle } } });
  return encodeResource("sds", secret.name, Secret, secret, []);
}
