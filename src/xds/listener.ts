import { createServer, type AddressInfo, type Server as NetServer, type Socket } from "node:net";
import { experimental, Server, type ServerCredentials } from "@grpc/grpc-js";
import { Admission, type Clock, type Log } from "../lib/index.ts";
import type { XdsLimits } from "./limits.ts";
import type { XdsMetrics } from "./metrics.ts";

/** PEM texts of the server's own certificate. */
export interface TlsCertificate {
  readonly certificate: string;
  readonly privateKey: string;
}

type Listener = (update: { certificate: Buffer; privateKey: Buffer } | null) => void;

/** Credentials whose certificate can be changed while connections live on: new handshakes get the new one. */
export class ReloadableCredentials {
  readonly credentials: ServerCredentials;
  readonly #listeners = new Set<Listener>();
  #current: { certificate: Buffer; privateKey: Buffer };

  constructor(tls: TlsCertificate) {
    this.#current = this.#buffers(tls);
    const provider = {
      addCaCertificateListener: () => undefined,
      removeCaCertificateListener: () => undefined,
      addIdentityCertificateListener: (listener: Listener) => {
        this.#listeners.add(listener);
        queueMicrotask(() => listener(this.#current)); // grpc-js is not ready for an answer before it has returned
      },
      removeIdentityCertificateListener: (listener: Listener) => void this.#listeners.delete(listener),
    };
    this.credentials = experimental.createCertificateProviderServerCredentials(provider, null, false);
  }

  renew(tls: TlsCertificate): void {
    this.#current = this.#buffers(tls);
    for (const listener of this.#listeners) listener(this.#current);
  }

  #buffers({ certificate, privateKey }: TlsCertificate): { certificate: Buffer; privateKey: Buffer } {
    return { certificate: Buffer.from(certificate), privateKey: Buffer.from(privateKey) };
  }
}

/** A gRPC server with the limits of an xDS server. Keepalive finds peers that vanished without a word. */
export function createGrpcServer(limits: XdsLimits): Server {
  return new Server({
    "grpc.max_receive_message_length": limits.requestBytes,
    "grpc.max_send_message_length": -1,
    "grpc.max_concurrent_streams": 100,
    "grpc.keepalive_time_ms": 30_000,
    "grpc.keepalive_timeout_ms": 10_000,
    "grpc.max_connection_age_ms": limits.connectionAgeMs,
    "grpc.max_connection_age_grace_ms": 10_000,
    "grpc.max_connection_idle_ms": limits.idleConnectionMs,
    "grpc-node.max_session_memory": 64,
    "grpc.enable_channelz": 0,
  });
}

/** The port: counts connections before TLS, and can end one by its peer's address. */
export class XdsListener {
  readonly #sockets = new Map<string, { socket: Socket; since: number; used: boolean }>();
  readonly #perAddress = new Map<string, number>();
  readonly #limits: XdsLimits;
  readonly #metrics: XdsMetrics;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #onConnection: (socket: Socket) => void;
  readonly #servers: NetServer[] = [];

  constructor(inject: (socket: Socket) => void, limits: XdsLimits, metrics: XdsMetrics, clock: Clock, log: Log) {
    this.#limits = limits;
    this.#metrics = metrics;
    this.#clock = clock;
    this.#log = log;
    // A hundred handshakes in one turn of the loop would hold up everything else for as long as they take together.
    const { connectionsPerSecond, connectionBurst } = limits;
    const admission = new Admission(clock, connectionsPerSecond, connectionBurst, limits.connections);
    this.#onConnection = (socket) => {
      if (!this.#admit(socket)) return;
      const withdraw = admission.enter(() => inject(socket));
      if (withdraw) socket.once("close", withdraw);
      else socket.destroy();
    };
  }

  /** Listens on each of these addresses. Resolves with the port, which is one for all; rejects when it cannot be had. */
  async listen(hosts: readonly string[], port: number): Promise<number> {
    let taken = port;
    for (const host of hosts) taken = await this.#listenOn(host, taken);
    return taken;
  }

  #listenOn(host: string, port: number): Promise<number> {
    const server = createServer({ noDelay: true, keepAlive: true }, this.#onConnection);
    this.#servers.push(server);
    return new Promise((resolve, reject) => {
      server.once("error", reject);
      server.listen(port, host, () => {
        server.off("error", reject);
        server.on("error", (error) => this.#log.error({ err: error }, "the xDS port"));
        resolve((server.address() as AddressInfo).port);
      });
    });
  }

  /** No more connections; those there are live on. */
  close(): void {
    for (const server of this.#servers) server.close();
  }

  /** Ends a connection at once; `peer` is `address:port`. */
  cutOff(peer: string): void {
    this.#sockets.get(peer)?.socket.destroy();
  }

  /** A stream came in on it. */
  onUsed(peer: string): void {
    const entry = this.#sockets.get(peer);
    if (entry) entry.used = true;
  }

  /** Closes connections that never opened a stream. */
  sweep(now: number): void {
    for (const { socket, since, used } of this.#sockets.values()) {
      if (!used && now - since >= this.#limits.idleConnectionMs) socket.destroy();
    }
  }

  get connections(): number {
    return this.#sockets.size;
  }

  #admit(socket: Socket): boolean {
    const { remoteAddress: address, remotePort: port } = socket;
    if (address === undefined || port === undefined) {
      socket.destroy();
      return false;
    }
    const ofAddress = this.#perAddress.get(address) ?? 0;
    if (this.#sockets.size >= this.#limits.connections || ofAddress >= this.#limits.connectionsPerAddress) {
      this.#metrics.refused("connections");
      socket.destroy();
      return false;
    }
    const peer = `${address}:${port}`;
    this.#sockets.set(peer, { socket, since: this.#clock.now(), used: false });
    this.#perAddress.set(address, ofAddress + 1);
    socket.on("error", () => undefined); // the session hears of it too
    socket.once("close", () => {
      this.#sockets.delete(peer);
      const left = (this.#perAddress.get(address) ?? 1) - 1;
      if (left > 0) this.#perAddress.set(address, left);
      else this.#perAddress.delete(address);
    });
    return true;
  }
}
