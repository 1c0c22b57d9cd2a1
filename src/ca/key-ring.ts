import type { KeyObject } from "node:crypto";
import { isIP } from "node:net";
import type { Log } from "../lib/index.ts";
import { AuthorityError } from "./authority-error.ts";
import { makeKeyPair, signCertificate } from "./certificate.ts";
import { createIssuer, type Issuer } from "./issuer.ts";
import { createJoinTokens, makeTokenKey, openTokenKey, parseTokenKey } from "./join-token.ts";
import { openPluggedIn, openSelfSigned, parseStored } from "./root.ts";
import { parseSigningRequest } from "./signing-request.ts";
import { isTrustDomain, spiffeId } from "./spiffe.ts";
import type { AuthorityOptions, Identity, JoinTokens, KeyRing, Leaf, ServerCertificate, SignedChain } from "./types.ts";
import type { JsonGeneralNames } from "./x509.ts";

const minLeafTtl = 1000;
const maxLeafTtl = 90 * 24 * 3600_000; // as Istio's
const defaultLeafTtl = 24 * 3600_000;
const dnsName = /^(?=.{1,253}$)(\*\.)?([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/;

/**
 * Opens the CA: the self-signed root of `dir` (made on the first start), plugged-in files, or stored texts. Rejects with AuthorityError
 * where a file is missing, readable by others, does not fit the others, has expired or is no CA.
 */
export async function openAuthority(options: AuthorityOptions): Promise<KeyRing> {
  const { dir, pluggedIn, stored, trustDomain, clock, log, leafTtlMs = defaultLeafTtl } = options;
  if (!isTrustDomain(trustDomain))
    throw new AuthorityError("the trust domain must be of lower-case letters, digits, dots, dashes and underscores");
  if (!(leafTtlMs >= minLeafTtl && leafTtlMs <= maxLeafTtl))
    throw new AuthorityError("a leaf's life must be between 1 second and 90 days");
  const open = async (): Promise<Issuer> => {
    if (stored) return createIssuer(parseStored(await stored()), clock.now());
    if (pluggedIn) return createIssuer(await openPluggedIn(pluggedIn), clock.now());
    if (dir !== undefined) return createIssuer(await openSelfSigned(dir, trustDomain, clock.now()), clock.now());
    throw new AuthorityError("the CA needs a directory of its own, or the files of a plugged-in CA");
  };
  const issuer = await open();
  const tokenKey = await tokenKeyOf(options);
  const tokens = createJoinTokens(trustDomain, tokenKey, clock);
  tell(log, "CA opened", issuer);
  return new OpenKeyRing({ ...options, leafTtlMs }, tokens, issuer, open);
}

async function tokenKeyOf({ dir, stored, log }: AuthorityOptions): Promise<KeyObject> {
  if (dir !== undefined) return openTokenKey(dir);
  const { tokenKey, place = "" } = (await stored?.()) ?? {};
  if (tokenKey !== undefined) return parseTokenKey(tokenKey, `${place} token-key.pem`);
  log.warn("the key of join tokens is kept nowhere: they end with this process");
  return makeTokenKey();
}

class OpenKeyRing implements KeyRing {
  readonly trustDomain: string;
  readonly tokens: JoinTokens;
  readonly #options: AuthorityOptions & { readonly leafTtlMs: number };
  readonly #open: () => Promise<Issuer>;
  readonly #listeners = new Set<() => void>();
  #issuer: Issuer;

  constructor(
    options: AuthorityOptions & { readonly leafTtlMs: number },
    tokens: JoinTokens,
    issuer: Issuer,
    open: () => Promise<Issuer>,
  ) {
    this.trustDomain = options.trustDomain;
    this.tokens = tokens;
    this.#options = options;
    this.#issuer = issuer;
    this.#open = open;
  }

  issue(identity: Identity): Promise<Leaf> {
    return settled(() => {
      const names = [{ type: "url" as const, value: this.#idOf(identity) }];
      const { publicKey, privateKey } = makeKeyPair();
      const signed = this.#sign({ names, use: "peer", publicKey, keyType: "ec" });
      return { ...signed, identity, privateKey };
    });
  }

  issueServer(dnsNames: readonly string[], ips: readonly string[], ttlMs?: number): Promise<ServerCertificate> {
    return settled(() => {
      const names = serverNames(dnsNames, ips);
      const { publicKey, privateKey } = makeKeyPair();
      const signed = this.#sign({ names, use: "server", publicKey, keyType: "ec", ttlMs });
      return { ...signed, privateKey };
    });
  }

  async signCsr(identity: Identity, csrPem: string): Promise<SignedChain | { refused: string }> {
    const id = this.#idOf(identity);
    const key = await parseSigningRequest(csrPem, id);
    if ("refused" in key) return key;
    return this.#sign({ ...key, names: [{ type: "url", value: id }], use: "peer" });
  }

  bundle(): string {
    return bundleOf(this.#issuer);
  }

  onBundle(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async reload(): Promise<void> {
    const before = this.#issuer;
    this.#issuer = await this.#open();
    if (this.#issuer.certificate.fingerprint256 !== before.certificate.fingerprint256)
      tell(this.#options.log, "CA replaced", this.#issuer);
    if (this.bundle() === bundleOf(before)) return;
    for (const listener of this.#listeners) listener();
  }

  /** A name of another trust domain is never signed, whoever asks. */
  #idOf(identity: Identity): string {
    if (identity.trustDomain !== this.trustDomain) throw new RangeError("the identity is of another trust domain");
    return spiffeId(identity);
  }

  #sign(what: Omit<Parameters<typeof signCertificate>[1], "ttlMs"> & { ttlMs?: number | undefined }): SignedChain {
    const { leafTtlMs, clock } = this.#options;
    const ttlMs = Math.min(what.ttlMs ?? leafTtlMs, maxLeafTtl);
    return signCertificate(this.#issuer, { ...what, ttlMs }, clock.now());
  }
}

/** The outcome as a promise; what `run` throws, it rejects with. */
function settled<T>(run: () => T): Promise<T> {
  return new Promise((resolve) => resolve(run()));
}

function serverNames(dnsNames: readonly string[], ips: readonly string[]): JsonGeneralNames {
  if (dnsNames.length + ips.length === 0) throw new AuthorityError("a server certificate needs a DNS name or an IP");
  const bad = dnsNames.find((name) => !dnsName.test(name)) ?? ips.find((ip) => isIP(ip) === 0);
  if (bad !== undefined) throw new AuthorityError(`${JSON.stringify(bad)} is no name for a server certificate`);
  return [
    ...dnsNames.map((value) => ({ type: "dns" as const, value })),
    ...ips.map((value) => ({ type: "ip" as const, value })),
  ];
}

function bundleOf({ roots }: Issuer): string {
  const byFingerprint = new Map(roots.map((root) => [root.fingerprint256, root.toString()]));
  return [...byFingerprint.values()].join("");
}

function tell(log: Log, event: string, { certificate, notAfter, roots }: Issuer): void {
  const { subject, fingerprint256 } = certificate;
  log.info({ subject, fingerprint256, notAfter: new Date(notAfter).toISOString(), roots: roots.length }, event);
}
