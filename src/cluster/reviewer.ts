import { hash } from "node:crypto";
import type { Authenticator, Identity, Refusal } from "../ca/index.ts";
import { Admission, type Clock, type Log } from "../lib/index.ts";
import type { KubernetesApi } from "./api.ts";
import { readClaims } from "./token-claims.ts";
import { reviewToken, type ReviewedPod } from "./token-review.ts";

/** The audience of the token that an injected pod presents. */
const tokenAudience = "heddle";

const acceptedMs = 10_000; // for so long a deleted pod may still come, where the source never saw it
const refusedMs = 5_000;
const maxVerdicts = 20_000;

export interface ReviewerOptions {
  readonly api: KubernetesApi;
  readonly trustDomain: string;
  readonly clock: Clock;
  readonly log: Log;
  /** The uid of a pod as the source has it; undefined where it has none (yet). */
  readonly podUid: (namespace: string, pod: string) => string | undefined;
  readonly perSecond?: number; // calls to the API server on average: 100
  readonly burst?: number; // calls at once: 200
  readonly queue?: number; // who waits for a call: 10,000
}

type Verdict = { pod: ReviewedPod } | { refusal: Refusal };

interface Kept {
  readonly verdict: Verdict;
  readonly until: number;
  readonly wasKnown: boolean; // the source had the pod
}

/** Knows sidecars by the service-account token of their pod. Asks the API server, and keeps its answers for some seconds. Never throws. */
export function createTokenReviewer(options: ReviewerOptions): Authenticator {
  return new TokenReviewer(options);
}

class TokenReviewer implements Authenticator {
  readonly #options: ReviewerOptions;
  readonly #admission: Admission;
  readonly #verdicts = new Map<string, Kept>(); // by the token's hash; oldest first
  readonly #asked = new Map<string, Promise<Verdict>>();
  #failing = false;

  constructor(options: ReviewerOptions) {
    this.#options = options;
    const { clock, perSecond = 100, burst = 200, queue = 10_000 } = options;
    this.#admission = new Admission(clock, perSecond, burst, queue);
  }

  async authenticate(credential: string): Promise<{ identity: Identity } | { refusal: Refusal }> {
    const claims = readClaims(credential, tokenAudience, this.#options.clock.now());
    if (typeof claims === "string") return { refusal: { status: "UNAUTHENTICATED", message: claims } };
    const verdict = await this.#verdictOn(credential, claims.expiresAt);
    if ("refusal" in verdict) return verdict;
    const { namespace, serviceAccount, pod, podUid } = verdict.pod;
    const known = this.#uidOf(verdict);
    if (known !== undefined && known !== podUid)
      return { refusal: { status: "UNAUTHENTICATED", message: "the token's pod is gone: another has its name" } };
    return { identity: { trustDomain: this.#options.trustDomain, namespace, serviceAccount, workload: pod } };
  }

  /** What was said of this token some seconds ago, or what the API server says now; who comes meanwhile waits for the same answer. */
  async #verdictOn(token: string, expiresAt: number): Promise<Verdict> {
    const key = hash("sha256", token, "base64url");
    const kept = this.#verdicts.get(key);
    if (kept && this.#holds(kept)) return kept.verdict;
    const asked = this.#asked.get(key);
    if (asked) return asked;
    const asking = this.#ask(token);
    this.#asked.set(key, asking);
    const verdict = await asking.finally(() => this.#asked.delete(key));
    this.#keep(key, verdict, expiresAt);
    return verdict;
  }

  /** Not when its time is over, nor when the source knew the pod and does not any more. */
  #holds({ verdict, until, wasKnown }: Kept): boolean {
    return this.#options.clock.now() < until && !(wasKnown && this.#uidOf(verdict) === undefined);
  }

  #uidOf(verdict: Verdict): string | undefined {
    return "pod" in verdict ? this.#options.podUid(verdict.pod.namespace, verdict.pod.pod) : undefined;
  }

  #keep(key: string, verdict: Verdict, expiresAt: number): void {
    this.#verdicts.delete(key);
    if ("refusal" in verdict && verdict.refusal.status === "UNAVAILABLE") return;
    const life = "refusal" in verdict ? refusedMs : acceptedMs;
    const until = Math.min(this.#options.clock.now() + life, expiresAt);
    this.#verdicts.set(key, { verdict, until, wasKnown: this.#uidOf(verdict) !== undefined });
    const [oldest] = this.#verdicts.keys();
    if (this.#verdicts.size > maxVerdicts && oldest !== undefined) this.#verdicts.delete(oldest);
  }

  async #ask(token: string): Promise<Verdict> {
    const isAdmitted = await new Promise<boolean>((resolve) => {
      if (!this.#admission.enter(() => resolve(true))) resolve(false);
    });
    if (!isAdmitted) return unavailable("too many tokens wait to be reviewed");
    try {
      const verdict = await reviewToken(this.#options.api, token, tokenAudience);
      this.#tell(
        "refusal" in verdict && verdict.refusal.status === "UNAVAILABLE" ? verdict.refusal.message : undefined,
      );
      return verdict;
    } catch (error) {
      this.#tell(error instanceof Error ? error.message : String(error));
      return unavailable("the API server cannot be reached to review the token");
    }
  }

  /** Once when it begins and once when it ends, however many ask meanwhile. */
  #tell(failure: string | undefined): void {
    const { log } = this.#options;
    if (failure !== undefined && !this.#failing)
      log.error({ reason: failure }, "tokens cannot be reviewed: streams live on, new ones have to wait");
    if (failure === undefined && this.#failing) log.info("tokens can be reviewed again");
    this.#failing = failure !== undefined;
  }
}

function unavailable(message: string): Verdict {
  return { refusal: { status: "UNAVAILABLE", message } };
}
