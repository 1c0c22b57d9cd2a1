import type { Clock, Log } from "../lib/index.ts";

/** Who a caller is: only ever made from a verified credential. */
export interface Identity {
  readonly trustDomain: string;
  readonly namespace: string;
  readonly serviceAccount: string;
  /** The workload the credential is bound to, where it says so (a join token with a name, a pod-bound token). */
  readonly workload?: string;
}

/** A certificate we signed: PEM, and when it must be replaced. */
export interface SignedChain {
  readonly certificateChain: string; // leaf first, then intermediates; the root is left out
  readonly notBefore: number; // ms since the epoch
  readonly notAfter: number;
  readonly renewAt: number; // half-life with jitter
  readonly serial: string;
}

/** A workload certificate. `certificateChain` and `privateKey` are PEM; the key lives in memory only, never in a log, dump or file. */
export interface Leaf extends SignedChain {
  readonly identity: Identity;
  readonly privateKey: string; // PKCS#8
}

/** The certificate of one of the control plane's own TLS ports. The key lives in memory only. */
export interface ServerCertificate extends SignedChain {
  readonly privateKey: string; // PKCS#8
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

/** What a join token shall say. */
export interface TokenRequest {
  readonly namespace: string;
  readonly serviceAccount: string;
  /** Binds the token to one Pod or WorkloadEntry. */
  readonly workload?: string;
  readonly ttlMs: number; // 1 s to 90 days
  readonly audience?: string; // "heddle"
}

/** Join tokens: how a workload outside Kubernetes proves its identity. */
export interface JoinTokens extends Authenticator {
  /** Never throws: a request we cannot sign yields `refused`, a sentence for the user. */
  createToken(request: TokenRequest): Promise<{ token: string; expiresAt: number } | { refused: string }>;
}

/** All that the CA can do. */
export interface KeyRing extends Authority {
  readonly tokens: JoinTokens;
  /** For the control plane's own ports; `ttlMs` as for leaves where not said. Rejects names that are no DNS names or IPs. */
  issueServer(dnsNames: readonly string[], ips: readonly string[], ttlMs?: number): Promise<ServerCertificate>;
  /** Signs the public key of a PKCS#10 request (PEM) for this identity. Never throws on a bad request: `refused` says why. */
  signCsr(identity: Identity, csrPem: string): Promise<SignedChain | { refused: string }>;
  /** Reads the plugged-in files or the stored texts again (a renewed intermediate, a second root). Rejects with AuthorityError and keeps what it had where they are bad. */
  reload(): Promise<void>;
}

/** PEM files of a CA made elsewhere. */
export interface PluggedInFiles {
  readonly certificate: string; // the certificate we sign with; its intermediates may follow
  readonly key: string;
  readonly root: string; // one or more roots
  readonly chain?: string; // intermediates in a file of their own; it need not be there
}

/** PEM texts of a CA that is kept elsewhere than in files, such as in a Kubernetes Secret. */
export interface StoredAuthority {
  readonly place: string; // for messages: `Secret heddle-system/heddle-ca`
  readonly certificate: string; // the certificate we sign with; its intermediates may follow
  readonly key: string;
  readonly root: string; // one or more roots
  readonly chain?: string; // intermediates
  readonly tokenKey?: string; // signs join tokens; without it that key lives in memory, and tokens end with the process
}

export interface AuthorityOptions {
  /** Where the self-signed root and the token key live. Without it the token key lives in memory, and tokens end with the process. */
  readonly dir?: string;
  /** Takes the place of the self-signed root. One of `dir`, `pluggedIn` and `stored` must be there. */
  readonly pluggedIn?: PluggedInFiles;
  /** Reads a CA that is kept elsewhere: on opening and on each `reload`. May reject with AuthorityError. */
  readonly stored?: () => Promise<StoredAuthority>;
  readonly trustDomain: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly leafTtlMs?: number; // 24 h; 1 s to 90 days
}
