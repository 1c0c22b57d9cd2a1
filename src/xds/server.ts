import { status, type Server as GrpcServer, type ServiceDefinition } from "@grpc/grpc-js";
import type { Authenticator } from "../ca/index.ts";
import type { XdsType } from "../envoy/index.ts";
import { Admission, type Clock, type Log } from "../lib/index.ts";
import type { Snapshot } from "../mesh/index.ts";
import type { Call, Describe, DescribeCredentials, DescribeLack, Host, Resolve } from "./host.ts";
import { defaultLimits, type XdsLimits } from "./limits.ts";
import { createGrpcServer, ReloadableCredentials, XdsListener, type TlsCertificate } from "./listener.ts";
import { LiveWaits, type LiveOptions, type LiveReport } from "./live.ts";
import { MemberService } from "./member-service.ts";
import type { Memberships } from "./member-stream.ts";
import { noMetrics, type XdsMetrics } from "./metrics.ts";
import { Pins } from "./pins.ts";
import { Quarantine } from "./quarantine.ts";
import { RefusedCallers, type RefusedCaller } from "./refused-callers.ts";
import { Publications } from "./publications.ts";
import type { Protocol } from "./request.ts";
import { Rounds } from "./rounds.ts";
import type { SecretSource } from "./secrets.ts";
import { viewServed, type ServedResource } from "./served.ts";
import { viewNack } from "./nack.ts";
import { hasSettled, viewLive, viewStream, type ProxyStatus } from "./status.ts";
import { ProxyStream } from "./stream.ts";
import type { Rejection } from "./type-state.ts";
import type { Message } from "./wire.ts";
import { WriteTurns } from "./write-turns.ts";

export interface XdsServerOptions {
  readonly host: string; // several addresses with commas between
  readonly port: number; // 0: any free one
  readonly tls: TlsCertificate;
  readonly authenticator: Authenticator;
  readonly secrets: SecretSource;
  readonly describe: Describe;
  /** Secrets of gateways; by default nobody has any. */
  readonly credentials?: DescribeCredentials;
  /** For status; by default nothing is lacking. */
  readonly lack?: DescribeLack;
  readonly resolve: Resolve;
  readonly clock: Clock;
  readonly log: Log;
  readonly limits?: Partial<XdsLimits>;
  readonly metrics?: XdsMetrics;
  /** Virtual hosts travel one by one over delta, unless this is false. */
  readonly vhds?: boolean;
  /** Groups that workloads may join; without it there is no such service. */
  readonly memberships?: Memberships;
}

/** The ADS server. It owns the table of streams. */
export interface XdsServer {
  /** Resolves with the port it listens on; rejects when the port cannot be had. */
  start(): Promise<{ port: number }>;
  /** The mesh as it is now. Before the first call nothing is sent to anybody. Returns at once; proxies follow. */
  publish(snapshot: Snapshot, revision: string): void;
  /** No proxy is connected. */
  readonly isIdle: boolean;
  /** Connected proxies, those that connected first first. */
  status(): readonly ProxyStatus[];
  /**
   * Resolves when every connected proxy holds all of that revision or of a later one, refuses some of it, or cannot be served;
   * at the latest after `timeoutMs`. A revision that was not published yet is waited for. Rejects only when `signal` aborts.
   */
  whenLive(revision: string, options: LiveOptions): Promise<LiveReport>;
  /** What connected proxies refuse at present, since whatever revision. Cheap where nothing is refused. */
  refusals(): LiveReport["nacks"];
  /** Who was refused in the last five minutes and has not been let in since, the newest last. */
  refusedCallers(): readonly RefusedCaller[];
  /** What a proxy (`name.namespace`) holds, without private keys; undefined when it is not connected. */
  resourcesOf(id: string): readonly ServedResource[] | undefined;
  /** From the next handshake on; connections that stand live on. */
  renewCertificate(tls: TlsCertificate): void;
  /** No new connections, GOAWAY, streams end with UNAVAILABLE, what is left after `graceMs` is cut. Resolves when all is closed. */
  stop(options: { graceMs: number }): Promise<void>;
}

const path = "/envoy.service.discovery.v3.AggregatedDiscoveryService/";

function definition(method: string): ServiceDefinition[string] {
  return {
    path: `${path}${method}`,
    requestStream: true,
    responseStream: true,
    requestDeserialize: (bytes: Buffer) => bytes, // read only after the caller is known
    requestSerialize: (bytes: Buffer) => bytes,
    responseSerialize: ({ parts, bytes }: Message) => Buffer.concat(parts, bytes),
    responseDeserialize: (bytes: Buffer) => bytes,
  };
}

const service: ServiceDefinition = {
  StreamAggregatedResources: definition("StreamAggregatedResources"),
  DeltaAggregatedResources: definition("DeltaAggregatedResources"),
};

const sweepMs = 1_000;

/** https://www.envoyproxy.io/docs/envoy/latest/api-docs/xds_protocol */
export function createXdsServer(options: XdsServerOptions): XdsServer {
  return new AdsServer(options);
}

class AdsServer implements XdsServer {
  readonly #options: XdsServerOptions;
  readonly #limits: XdsLimits;
  readonly #metrics: XdsMetrics;
  readonly #host: Host;
  readonly #streams = new Set<ProxyStream>();
  readonly #publications = new Publications();
  readonly #rounds: Rounds<ProxyStream>;
  readonly #turns: Rounds<() => void>;
  readonly #waits: LiveWaits<ProxyStream>;
  readonly #admission: Admission;
  readonly #tls: ReloadableCredentials;
  readonly #grpc: GrpcServer;
  readonly #injector: ReturnType<GrpcServer["createConnectionInjector"]>;
  readonly #listener: XdsListener;
  readonly #members: MemberService | undefined;
  #unpublished: (() => void)[] = [];
  #serial = 0;
  #cancelSweep: () => void = () => undefined;
  #stopping = false;

  constructor(options: XdsServerOptions) {
    const { clock, log, secrets } = options;
    this.#options = options;
    const limits = (this.#limits = { ...defaultLimits, ...options.limits });
    const metrics = (this.#metrics = options.metrics ?? noMetrics);
    this.#rounds = new Rounds(clock, (stream) => stream.pump());
    this.#turns = new Rounds(clock, (next) => next());
    this.#waits = new LiveWaits(clock, {
      proxies: () => this.#streams,
      sequenceOf: (revision) => this.#publications.find(revision)?.sequence,
      hasSettled,
      report: (revision) => viewLive(this.#streams, revision, this.#publications.find(revision)),
    });
    this.#admission = new Admission(clock, limits.streamsPerSecond, limits.streamBurst, limits.streamQueue);
    this.#tls = new ReloadableCredentials(options.tls);
    this.#grpc = createGrpcServer(limits);
    this.#grpc.addService(service, {
      StreamAggregatedResources: (call: Call) => this.#onCall(call, "sotw"),
      DeltaAggregatedResources: (call: Call) => this.#onCall(call, "delta"),
    });
    this.#injector = this.#grpc.createConnectionInjector(this.#tls.credentials);
    this.#listener = new XdsListener((socket) => this.#injector.injectConnection(socket), limits, metrics, clock, log);
    const { authenticator, describe, credentials, resolve } = options;
    this.#host = {
      ...{ clock, log, metrics, limits, authenticator, secrets, describe, resolve },
      ...(credentials && { credentials }),
      vhds: options.vhds ?? true,
      pins: new Pins(),
      quarantine: new Quarantine(),
      refusedCallers: new RefusedCallers(),
      current: () => this.#publications.current,
      whenPublished: (run) => (this.#publications.current ? run() : this.#unpublished.push(run)),
      takeTurn: (next) => this.#turns.add([next]),
      writeTurns: new WriteTurns(),
      cutOff: (address) => this.#listener.cutOff(address),
    };
    const { memberships } = options;
    const onUsed = (peer: string): void => this.#listener.onUsed(peer);
    if (memberships) this.#members = new MemberService(this.#grpc, this.#host, this.#admission, memberships, onUsed);
    secrets.onChange((name, identity) => {
      for (const stream of this.#streams) stream.onSecretChange(name, identity);
    });
  }

  async start(): Promise<{ port: number }> {
    const port = await this.#listener.listen(this.#options.host.split(","), this.#options.port);
    this.#sweep();
    return { port };
  }

  publish(snapshot: Snapshot, revision: string): void {
    this.#publications.add(snapshot, revision, this.#options.clock.now());
    this.#host.quarantine.keep(snapshot);
    const waiting = this.#unpublished;
    this.#unpublished = [];
    for (const run of waiting) run();
    this.#rounds.add(this.#streams);
    this.#waits.onPublished();
  }

  get isIdle(): boolean {
    return this.#streams.size === 0;
  }

  status(): readonly ProxyStatus[] {
    const now = this.#options.clock.now();
    const revisionOf = (sequence: number): string => this.#publications.nameOf(sequence);
    return [...this.#streams].flatMap((stream) => {
      const lack = this.#lackOf(stream);
      return viewStream(stream, lack, now, this.#limits.silenceMs, revisionOf) ?? [];
    });
  }

  whenLive(revision: string, options: LiveOptions): Promise<LiveReport> {
    return this.#waits.wait(revision, options);
  }

  refusals(): LiveReport["nacks"] {
    return viewLive(this.#streams, "", { sequence: 0, at: 0 }).nacks;
  }

  refusedCallers(): readonly RefusedCaller[] {
    return this.#host.refusedCallers.list(this.#options.clock.now());
  }

  resourcesOf(id: string): readonly ServedResource[] | undefined {
    const stream = [...this.#streams].findLast((candidate) => candidate.peer && candidate.id === id);
    return stream?.peer && viewServed(stream.peer.session);
  }

  renewCertificate(tls: TlsCertificate): void {
    this.#tls.renew(tls);
  }

  async stop({ graceMs }: { graceMs: number }): Promise<void> {
    this.#stopping = true;
    this.#cancelSweep();
    this.#listener.close();
    this.#members?.stop();
    for (const stream of this.#streams) {
      stream.end({ code: status.UNAVAILABLE, details: "the control plane is shutting down" });
    }
    this.#injector.drain(graceMs);
    await new Promise<void>((resolve) => {
      const cancel = this.#options.clock.after(graceMs, () => {
        this.#grpc.forceShutdown(); // after which grpc-js may still wait for connections that broke off meanwhile
        resolve();
      });
      this.#grpc.tryShutdown(() => {
        cancel();
        resolve();
      });
    });
  }

  #lackOf({ peer }: ProxyStream): readonly string[] {
    const { snapshot } = this.#publications.current ?? {};
    return (peer && snapshot && this.#options.lack?.(snapshot, peer.proxy)) ?? [];
  }

  #onCall(call: Call, protocol: Protocol): void {
    this.#listener.onUsed(call.getPeer());
    this.#serial += 1;
    const entered: { withdraw?: () => void } = {};
    const stream: ProxyStream = new ProxyStream(this.#host, call, protocol, this.#serial, {
      onIdentified: () => {
        this.#streams.add(stream);
        this.#waits.onJoined(stream);
        this.#metrics.connected(protocol, 1);
      },
      onSettled: () => this.#waits.onSettled(stream),
      onNack: (type, before, message) => this.#onNack(stream, type, before, message),
      onClosed: () => {
        entered.withdraw?.();
        this.#rounds.delete(stream);
        if (this.#streams.delete(stream)) this.#metrics.connected(protocol, -1);
        this.#waits.onLeft(stream);
      },
    });
    const withdraw = this.#stopping ? undefined : this.#admission.enter(() => void stream.open());
    if (withdraw) {
      entered.withdraw = withdraw;
      return;
    }
    this.#metrics.refused("overload");
    stream.end({ code: status.UNAVAILABLE, details: "too many streams, or shutting down" });
  }

  #onNack(stream: ProxyStream, type: XdsType, before: ReadonlyMap<string, Rejection>, message: string): void {
    this.#metrics.nacked(type);
    const rejections = [...(stream.peer?.session.states.get(type)?.rejected.values() ?? [])];
    const fresh = rejections.filter((rejection) => before.get(rejection.resource.name) !== rejection);
    const nacks = fresh.map((rejection) => viewNack(type, rejection));
    this.#options.log.warn({ proxy: stream.id, type, message, nacks }, "a proxy refused a configuration");
    for (const nack of nacks) this.#waits.onNack({ proxy: stream.id, ...nack });
    const added = fresh.map((rejection) => this.#host.quarantine.add(stream.id, rejection));
    if (added.includes(true)) stream.describeAgain();
  }

  #sweep(): void {
    this.#cancelSweep = this.#options.clock.after(sweepMs, () => {
      const now = this.#options.clock.now();
      for (const stream of this.#streams) stream.tick(now);
      this.#listener.sweep(now);
      this.#sweep();
    });
  }
}
