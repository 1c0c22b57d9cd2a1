import { status, type ServerDuplexStream } from "@grpc/grpc-js";
import type { Identity } from "../ca/index.ts";
import type { MemberClaim } from "../mesh/index.ts";
import { authenticate, type Ending } from "./authenticate.ts";
import type { Host } from "./host.ts";
import { parseMemberMessage, type GroupNotice, type MemberMessage } from "./member-messages.ts";

/** Who may join which group, and what becomes of those who have. Nothing here throws. */
export interface Memberships {
  /** `tell` says what the workload is to know, now and whenever it changes. */
  join(
    identity: Identity,
    claim: MemberClaim,
    tell: (notice: GroupNotice) => void,
  ): Membership | { readonly refused: string };
}

/** One workload that has joined, for as long as its stream stands. */
export interface Membership {
  onHealth(healthy: boolean, message: string): void;
  /** It goes and does not come back. */
  onLeave(): void;
  /** Its stream ended without a word. */
  onLost(): void;
}

export type MemberCall = ServerDuplexStream<Uint8Array, GroupNotice>;

/** The stream of one workload of a group: authenticates first, then reads. */
export class MemberStream {
  readonly #host: Host;
  readonly #memberships: Memberships;
  readonly #call: MemberCall;
  readonly #onClosed: () => void;
  #identity: Identity | undefined;
  #membership: Membership | undefined;
  #closed = false;

  constructor(host: Host, memberships: Memberships, call: MemberCall, onClosed: () => void) {
    this.#host = host;
    this.#memberships = memberships;
    this.#call = call;
    this.#onClosed = onClosed;
    for (const event of ["cancelled", "close", "error"]) call.on(event, () => this.#close());
  }

  /** Reads from the first publication on: until then nobody knows which groups there are. Never rejects. */
  async open(): Promise<void> {
    const verdict = await authenticate(this.#host.authenticator, this.#call.metadata);
    if (this.#closed) return;
    if ("ending" in verdict) return this.#refuse("credential", verdict.ending);
    this.#identity = verdict.identity;
    this.#host.whenPublished(() => this.#listen());
  }

  end(ending: Ending): void {
    if (!this.#closed) this.#call.emit("error", ending);
  }

  #listen(): void {
    if (this.#closed) return;
    this.#call.on("data", (bytes: Uint8Array) => this.#onMessage(parseMemberMessage(bytes)));
    this.#call.on("end", () => this.#call.end());
  }

  #onMessage(message: MemberMessage | undefined): void {
    if (this.#closed) return;
    if (message && "join" in message && !this.#membership) return this.#join(message.join);
    if (!message || "join" in message || !this.#membership) {
      const details = "the first message joins a group, each later one is none of that kind";
      return this.#refuse("request", { code: status.INVALID_ARGUMENT, details });
    }
    if ("health" in message) return this.#membership.onHealth(message.health.healthy, message.health.message);
    this.#membership.onLeave();
    this.#membership = undefined;
    this.#call.end();
  }

  #join(claim: MemberClaim): void {
    if (!this.#identity) return;
    const answer = this.#memberships.join(this.#identity, claim, (notice) => {
      if (!this.#closed) this.#call.write(notice);
    });
    if ("refused" in answer) {
      return this.#refuse("identity", { code: status.PERMISSION_DENIED, details: answer.refused }, nodeOf(claim));
    }
    this.#membership = answer;
    this.#host.refusedCallers.forget(nodeOf(claim));
  }

  #refuse(reason: "credential" | "identity" | "request", ending: Ending, node?: string): void {
    const { log, metrics, refusedCallers, clock } = this.#host;
    const identity = this.#identity && `${this.#identity.namespace}/${this.#identity.serviceAccount}`;
    const address = this.#call.getPeer();
    const caller = { address, reason: ending.details, ...(identity && { identity }), ...(node && { node }) };
    log.warn({ ...caller, status: status[ending.code] }, "a workload was not let into its group");
    metrics.refused(reason);
    refusedCallers.add({ ...caller, at: clock.now() });
    this.end(ending);
  }

  #close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#membership?.onLost();
    this.#onClosed();
  }
}

/** How a workload that wants to join shows among those that were refused. */
const nodeOf = ({ group, address }: MemberClaim): string => `member~${address}~${group}`;
