import { isDeepStrictEqual } from "node:util";
import { status } from "@grpc/grpc-js";
import type { Identity } from "../ca/index.ts";
import type { Proxy } from "../mesh/index.ts";
import { authenticate, type Ending } from "./authenticate.ts";
import type { Call, Claim, Host, StreamEvents, Style } from "./host.ts";
import { viewLeftOut } from "./quarantine.ts";
import { parseRequest, type Protocol, type Request } from "./request.ts";
import type { SecretName } from "./secrets.ts";
import { Session } from "./session.ts";
import { StreamSecrets } from "./stream-secrets.ts";
import { Writer } from "./writer.ts";

/** Who is on a stream, once that is known. */
export interface Peer {
  readonly claim: Claim;
  readonly proxy: Proxy;
  readonly session: Session;
}

/** One stream: joins a gRPC call to a session. It authenticates first, then reads; it writes one response at a time. */
export class ProxyStream {
  readonly protocol: Protocol;
  readonly address: string;
  readonly connectedAt: number;
  readonly #host: Host;
  readonly #events: StreamEvents;
  readonly #call: Call;
  readonly #writer: Writer;
  readonly #serial: string;
  #identity: Identity | undefined;
  #peer: Peer | undefined;
  #sequence = 0;
  #fault: string | undefined;
  /** EnvoyFilters that would break what it is served, one line each. */
  leftOut: readonly string[] = [];
  #closed = false;
  #isWriting = false;
  #settled: { sequence: number; at: number } | undefined;
  #secrets: StreamSecrets | undefined; // once it is known who asks

  /** `events` is called from the moment of `open`. `serial` tells streams apart. */
  constructor(host: Host, call: Call, protocol: Protocol, serial: number, events: StreamEvents) {
    this.#host = host;
    this.#events = events;
    this.#call = call;
    this.#writer = new Writer(call, host.clock, host.writeTurns);
    this.#serial = `${serial.toString(36)}.`;
    this.protocol = protocol;
    this.address = call.getPeer();
    this.connectedAt = host.clock.now();
    call.on("cancelled", () => this.#onClosed());
    call.on("close", () => this.#onClosed());
    call.on("error", () => this.#onClosed());
  }

  /** Authenticates, and reads from the first publication on. Never rejects. */
  async open(): Promise<void> {
    const verdict = await authenticate(this.#host.authenticator, this.#call.metadata);
    if (this.#closed) return;
    if ("ending" in verdict) return this.#refuse("credential", verdict.ending);
    this.#identity = verdict.identity;
    this.#host.whenPublished(() => this.#listen());
  }

  get peer(): Peer | undefined {
    return this.#peer;
  }

  /** `name.namespace`, or the address of one that has not said who it is. */
  get id(): string {
    return this.#peer ? `${this.#peer.proxy.name}.${this.#peer.proxy.namespace}` : this.address;
  }

  /** Why it is not served the newest configuration, if so. */
  get fault(): string | undefined {
    return this.#fault;
  }

  /** What it has refused has changed what it is to be served. */
  describeAgain(): void {
    this.#sequence = 0;
  }

  /** The newest publication that it has settled on, and when. */
  get settled(): { readonly sequence: number; readonly at: number } | undefined {
    return this.#settled;
  }

  /** Writes what there is to say, as far as there is room. */
  pump(): void {
    const { clock, metrics } = this.#host;
    if (this.#closed || !this.#peer || this.#isWriting) return;
    this.refresh();
    const { session } = this.#peer;
    const now = clock.now();
    const outgoing = session.next(now);
    if (!outgoing) return this.#onQuiet(now);
    const { type, message } = outgoing;
    this.#isWriting = true;
    const adds = session.states.get(type)?.flight?.adds ?? [];
    metrics.pushed(
      type,
      message.bytes,
      adds.reduce((sum, { length }) => sum + length, 0),
    );
    this.#writer.write(message, () => {
      this.#isWriting = false;
      this.pump();
    });
  }

  /** Called now and then. */
  tick(now: number): void {
    const { handedAt } = this.#writer;
    if (handedAt !== undefined && now - handedAt >= this.#host.limits.stallMs) return this.#cutOff();
    this.#secrets?.tick(now);
    const wakeAt = this.#peer?.session.wakeAt;
    if (wakeAt !== undefined && now >= wakeAt) this.pump();
  }

  /** Brings the session to the newest publication. What cannot be made leaves it with what it has. */
  refresh(): void {
    const current = this.#host.current();
    if (!this.#peer || !current || current.sequence === this.#sequence) return;
    this.#sequence = current.sequence;
    const { claim, session } = this.#peer;
    try {
      const answer = this.#host.resolve(current.snapshot, claim);
      if ("refused" in answer) return this.#onFault(`it is not served any more: ${answer.refused}`);
      const proxy = isDeepStrictEqual(answer.proxy, this.#peer.proxy) ? this.#peer.proxy : answer.proxy;
      this.#peer = { claim, proxy, session };
      const resources = this.#host.describe(current.snapshot, proxy, this.#style(proxy));
      session.publish(resources, current.sequence);
      this.#secrets?.refresh(current.snapshot, proxy);
      this.#fault = undefined;
      this.#onLeftOut(viewLeftOut(resources));
    } catch (error) {
      this.#host.metrics.failed();
      this.#host.log.error(
        { err: error, proxy: this.id },
        "the configuration of a proxy could not be made: it keeps its last one",
      );
      this.#onFault("its configuration could not be made; see the log");
    }
  }

  /** A secret of this identity, or of all, is to be asked for again. */
  onSecretChange(name: SecretName, identity: Identity | undefined): void {
    this.#secrets?.onChange(name, identity);
  }

  /** Ends the stream with a status, after what is being written. */
  end(ending: Ending): void {
    if (this.#closed) return;
    this.#call.emit("error", ending);
  }

  #style(proxy: Proxy): Style {
    const isDelta = this.protocol === "delta";
    return {
      vhds: isDelta && this.#host.vhds && proxy.metadata["HEDDLE_VHDS"] !== "false",
      onDemandClusters: isDelta,
      without: this.#host.quarantine.of(this.id),
    };
  }

  #listen(): void {
    if (this.#closed) return;
    this.#call.on("data", (bytes: Uint8Array) => {
      this.#call.pause(); // one at a time, and in turn with other streams: a thousand requests at once hold up no handshake
      this.#host.takeTurn(() => {
        this.#onMessage(bytes);
        this.#call.resume();
      });
    });
    this.#call.on("end", () => this.#call.end());
  }

  #onMessage(bytes: Uint8Array): void {
    if (this.#closed) return;
    try {
      const parsed = parseRequest(this.protocol, bytes);
      if ("invalid" in parsed)
        return this.#refuse("request", { code: status.INVALID_ARGUMENT, details: parsed.invalid });
      if (this.#isIdentified(parsed.request)) this.#onRequest(parsed.request);
    } catch (error) {
      this.#host.metrics.failed();
      this.#host.log.error({ err: error, proxy: this.id }, "a request could not be handled");
      this.end({ code: status.INTERNAL, details: "internal error" });
    }
  }

  /** The first request says who asks; later ones may repeat it, not change it. */
  #isIdentified({ node }: Request): boolean {
    if (this.#peer) {
      if (!node || node.id === this.#peer.claim.node.id) return true;
      this.#refuse("request", { code: status.INVALID_ARGUMENT, details: "the node changed within a stream" });
      return false;
    }
    const current = this.#host.current();
    if (!node || !this.#identity || !current) {
      this.#refuse("request", { code: status.INVALID_ARGUMENT, details: "the first request has no node" });
      return false;
    }
    const claim: Claim = { identity: this.#identity, node: { ...node, extensions: [], clientFeatures: [] } };
    const answer = this.#host.resolve(current.snapshot, claim);
    if ("refused" in answer) {
      this.#refuse("identity", { code: status.PERMISSION_DENIED, details: answer.refused }, node.id);
      return false;
    }
    this.#host.refusedCallers.forget(node.id);
    const { warmingMs, removalMs, drainMs } = this.#host.limits;
    const waits = { warmingMs, removalMs, drainMs };
    const session = new Session(this.protocol, this.#serial, waits, this.#host.pins.of(this.#identity));
    this.#peer = { claim, proxy: answer.proxy, session };
    this.#secrets = new StreamSecrets(this.#host, this.#identity, session, this);
    this.refresh();
    this.#events.onIdentified();
    return true;
  }

  #onRequest(request: Request): void {
    const { type } = request;
    const { session } = this.#peer ?? {};
    if (!session) return;
    if (type === undefined) {
      this.#host.log.debug({ proxy: this.id, typeUrl: request.typeUrl }, "a type that is not served");
      return;
    }
    const before = session.states.get(type);
    session.receive({ ...request, type }, this.#host.clock.now());
    const isNack = request.error !== undefined && before?.flight?.nonce === request.nonce;
    if (isNack) this.#events.onNack(type, before.rejected, request.error ?? "");
    if (type === "sds") this.#secrets?.load();
    if (type === "cds" && this.#identity) this.#host.pins.add(this.#identity, session.askedClusters);
    this.pump();
  }

  #onQuiet(now: number): void {
    const { session } = this.#peer ?? {};
    if (!session || session.settle() === "busy" || session.sequence === this.#settled?.sequence) return;
    this.#settled = { sequence: session.sequence, at: now };
    this.#events.onSettled();
  }

  #onFault(fault: string): void {
    if (fault !== this.#fault) this.#host.log.warn({ proxy: this.id, fault }, "a proxy keeps its last configuration");
    this.#fault = fault;
    this.#events.onSettled();
  }

  #onLeftOut(leftOut: readonly string[]): void {
    if (leftOut.length > 0 && leftOut.join() !== this.leftOut.join())
      this.#host.log.warn({ proxy: this.id, leftOut }, "an EnvoyFilter is left out");
    this.leftOut = leftOut;
  }

  #refuse(reason: "credential" | "identity" | "request", ending: Ending, node?: string): void {
    const { log, metrics, refusedCallers, clock } = this.#host;
    const identity = this.#identity && `${this.#identity.namespace}/${this.#identity.serviceAccount}`;
    const caller = {
      address: this.address,
      reason: ending.details,
      ...(identity && { identity }),
      ...(node && { node }),
    };
    log.warn({ ...caller, status: status[ending.code] }, "a caller was refused");
    metrics.refused(reason);
    refusedCallers.add({ ...caller, at: clock.now() });
    this.end(ending);
  }

  #cutOff(): void {
    this.#host.metrics.stalled();
    this.#host.log.warn(
      { proxy: this.id, address: this.address },
      "a proxy does not read what it is sent: it is cut off",
    );
    this.#host.cutOff(this.address);
    this.#onClosed();
  }

  #onClosed(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#secrets?.close();
    this.#events.onClosed();
  }
}
