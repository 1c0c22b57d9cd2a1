import type { Identity } from "../ca/index.ts";
import type { Resource, ResourceMap } from "../envoy/index.ts";
import type { Proxy, Snapshot } from "../mesh/index.ts";
import type { Host } from "./host.ts";
import { nameSet, noNames } from "./name-set.ts";
import { secretNames, type SecretName } from "./secrets.ts";
import type { Session } from "./session.ts";

const noCredentials: ResourceMap = new Map();

/** The stream that the secrets are for. */
interface Owner {
  readonly id: string;
  /** More is there to be sent. */
  pump(): void;
}

/** The secrets of one stream: those of its verified identity, made when they are asked for, and those that its listeners and DestinationRules name. */
export class StreamSecrets {
  readonly #host: Host;
  readonly #identity: Identity;
  readonly #session: Session;
  readonly #owner: Owner;
  readonly #own = new Map<string, Resource>();
  readonly #loading = new Set<SecretName>();
  #credentials: ResourceMap = noCredentials;
  #retryAt: number | undefined;
  #closed = false;

  constructor(host: Host, identity: Identity, session: Session, owner: Owner) {
    this.#host = host;
    this.#identity = identity;
    this.#session = session;
    this.#owner = owner;
  }

  /** Makes what the client has asked for and does not have. */
  load(): void {
    this.#retryAt = undefined;
    for (const name of secretNames)
      if (this.#session.secretNames.has(name) && !this.#own.has(name)) void this.#load(name);
    this.#provide();
  }

  /** Tries again what could not be made, when it is time. */
  tick(now: number): void {
    if (this.#retryAt !== undefined && now >= this.#retryAt) this.load();
  }

  /** A secret of this identity, or of all, is to be asked for again. */
  onChange(name: SecretName, identity: Identity | undefined): void {
    if (this.#session.secretNames.has(name) && (!identity || isSame(identity, this.#identity))) void this.#load(name);
  }

  /** What listeners and DestinationRules name, as of this snapshot: a rotated secret is sent at once, one that is gone is not given any more. */
  refresh(snapshot: Snapshot, proxy: Proxy): void {
    const credentials = this.#host.credentials?.(snapshot, proxy) ?? noCredentials;
    const unchanged = credentials === this.#credentials || credentials.size + this.#credentials.size === 0;
    this.#credentials = credentials;
    if (!unchanged) this.#provide();
  }

  /** What is still being made is for nobody. */
  close(): void {
    this.#closed = true;
  }

  async #load(name: SecretName): Promise<void> {
    if (this.#loading.has(name)) return;
    this.#loading.add(name);
    const { secrets, log, clock, limits } = this.#host;
    try {
      this.#own.set(name, await secrets.secretFor(this.#identity, name));
    } catch (error) {
      log.error({ err: error, proxy: this.#owner.id, secret: name }, "a secret could not be made: it is tried again");
      this.#own.delete(name);
      this.#retryAt = clock.now() + limits.secretRetryMs;
    } finally {
      this.#loading.delete(name);
    }
    if (this.#closed) return;
    this.#provide();
    this.#owner.pump();
  }

  #provide(): void {
    const waiting = secretNames.filter((name) => this.#session.secretNames.has(name) && !this.#own.has(name));
    const known = new Map([...this.#credentials, ...this.#own]);
    this.#session.provide(known, waiting.length > 0 ? nameSet(waiting) : noNames);
  }
}

function isSame(a: Identity, b: Identity): boolean {
  return a.trustDomain === b.trustDomain && a.namespace === b.namespace && a.serviceAccount === b.serviceAccount;
}
