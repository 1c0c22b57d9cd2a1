/** Who a caller is: only ever made from a verified credential. */
export interface Identity {
  readonly trustDomain: string;
  readonly namespace: string;
  readonly serviceAccount: string;
  /** The workload the credential is bound to, where it says so (a join token with a name, a pod-bound token). */
  readonly workload?: string;
}

/** A workload certificate. `certificateChain` and `privateKey` are PEM; the key lives in memory only, never in a log, dump or file. */
export interface Leaf {
  readonly identity: Identity;
  readonly certificateChain: string; // leaf first, then intermediates; the root is left out
  readonly privateKey: string; // PKCS#8
  readonly notBefore: number; // ms since the epoch
  readonly notAfter: number;
  readonly renewAt: number; // half-life with jitter
  readonly serial: string;
}

/** Why a credential was refused; never holds the credential. `UNAUTHENTICATED` and so on are gRPC status names. */
export interface Refusal {
  readonly status: "UNAUTHENTICATED" | "PERMISSION_DENIED" | "UNAVAILABLE";
  readonly message: string;
}

/** Turns what a caller presents (the text after `Bearer `) into an identity. Never throws. */
export interface Authenticator {
  authenticate(credential: string): Promise<{ identity: Identity } | { refusal: Refusal }>;
}

/** Signs for exactly the identity it is given. */
export interface Authority {
  readonly trustDomain: string;
  /** A fresh key pair and leaf for this identity. */
  issue(identity: Identity): Promise<Leaf>;
  /** The roots to trust, PEM, concatenated. */
  bundle(): string;
  /** Called after the bundle changed; the returned function ends the subscription. */
  onBundle(listener: () => void): () => void;
}
