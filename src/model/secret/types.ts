import type { Sensitive } from "./sensitive.ts";

/** What a Secret holds for a gateway; a Secret for something else holds nothing of it. PEM. https://kubernetes.io/docs/concepts/configuration/secret/#tls-secrets */
export interface SecretSpec {
  readonly type: string;
  /** What the gateway shows to its clients. */
  readonly keyPair?: { readonly certificateChain: string; readonly privateKey: Sensitive };
  /** Who may sign the certificates of its clients. */
  readonly roots?: string;
  /** Certificates that count no more. */
  readonly crl?: string;
}
