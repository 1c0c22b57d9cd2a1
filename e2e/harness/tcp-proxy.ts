import { connect, createServer, type Server, type Socket } from "node:net";

/** Stands between a client and a port of loopback, and can fall silent: connections stay open, and nothing passes. */
export class TcpProxy {
  readonly #target: number;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  /** Connections that clients have opened. */
  connections = 0;

  constructor(target: number) {
    this.#target = target;
    this.#server = createServer((client) => this.#onClient(client));
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
  }

  get port(): number {
    return (this.#server.address() as { port: number }).port;
  }

  /** Nothing passes any more over the connections that are open; neither side is told. New ones work. */
  silence(): void {
    for (const socket of this.#sockets) socket.unpipe().pause();
  }

  /** Every connection is reset. */
  reset(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #onClient(client: Socket): void {
    this.connections += 1;
    const server = connect(this.#target, "127.0.0.1");
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(socket);
      socket.on("error", () => other.destroy());
      socket.on("close", () => {
        this.#sockets.delete(socket);
        other.destroy();
      });
      socket.pipe(other);
    }
  }
}
