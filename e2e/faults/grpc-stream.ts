import {
  connect,
  constants,
  type ClientHttp2Session,
  type ClientHttp2Stream,
  type IncomingHttpHeaders,
} from "node:http2";

/** How to reach a control plane, and as whom. */
export interface Dial {
  readonly port: number;
  readonly roots: string; // PEM
  readonly token?: string;
  readonly protocol?: "delta" | "sotw";
  /** What the client lets the server send before it has read it. Bytes; 4 MiB. */
  readonly window?: number;
}

/** How a stream ended. `code` is gRPC's; undefined when the connection broke without one. */
export interface End {
  readonly code: number | undefined;
  readonly message: string;
  readonly afterMs: number;
}

const methods = { delta: "DeltaAggregatedResources", sotw: "StreamAggregatedResources" } as const;

/** One ADS stream on a connection of its own, on bare HTTP/2: what a client may do wrong, it can do. */
export class GrpcStream {
  /** Resolves, and never rejects, when the stream is over. */
  readonly ended: Promise<End>;
  bytes = 0;
  end: End | undefined;
  readonly #session: ClientHttp2Session;
  readonly #stream: ClientHttp2Stream;
  #chunks: Buffer[] = [];
  #size = 0;

  /** Without `onMessage` nothing is ever read. */
  constructor(dial: Dial, onMessage?: (message: Buffer) => void) {
    const started = performance.now();
    const { window = 4 * 1024 * 1024 } = dial;
    this.#session = connect(`https://127.0.0.1:${dial.port}`, {
      ca: dial.roots,
      servername: "heddle.heddle-system.svc",
      settings: { initialWindowSize: window },
    });
    this.#session.once("connect", (session) => {
      if (window > 65_535 && !session.destroyed) session.setLocalWindowSize(window);
    });
    this.#stream = this.#session.request(
      {
        ":method": "POST",
        ":path": `/envoy.service.discovery.v3.AggregatedDiscoveryService/${methods[dial.protocol ?? "delta"]}`,
        "content-type": "application/grpc",
        te: "trailers",
        ...(dial.token === undefined ? {} : { authorization: `Bearer ${dial.token}` }),
      },
      { endStream: false },
    );
    this.ended = new Promise((resolve) => {
      let code: number | undefined;
      let message = "";
      const read = (headers: IncomingHttpHeaders): void => {
        const { "grpc-status": status, "grpc-message": said } = headers;
        if (status === undefined) return;
        code = Number(status);
        message = typeof said === "string" ? decodeURIComponent(said) : "";
      };
      const finish = (): void => {
        this.end ??= { code, message, afterMs: performance.now() - started };
        this.#session.destroy();
        resolve(this.end);
      };
      this.#stream.on("response", read).on("trailers", read);
      const onError = (error: Error): void => void (message ||= error.message);
      this.#stream.on("error", onError);
      this.#session.on("error", onError).on("close", finish);
      this.#stream.on("close", finish);
    });
    if (onMessage) this.#stream.on("data", (chunk: Buffer) => this.#onData(chunk, onMessage));
  }

  /** Sends one gRPC message. */
  write(message: Uint8Array): void {
    if (this.end || this.#stream.destroyed) return;
    const frame = Buffer.alloc(5 + message.length);
    frame.writeUInt32BE(message.length, 1);
    frame.set(message, 5);
    this.#stream.write(frame);
  }

  /** Ends it as a client does that goes away: the stream is cancelled, the connection closed. */
  close(): void {
    if (!this.#stream.destroyed) this.#stream.close(constants.NGHTTP2_CANCEL);
    this.#session.destroy();
  }

  #onData(chunk: Buffer, onMessage: (message: Buffer) => void): void {
    this.bytes += chunk.length;
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    while (this.#size >= 5) {
      const head = this.#chunks[0];
      if (head === undefined || (head.length < 5 && this.#chunks.length > 1)) this.#join();
      const needed = 5 + (this.#chunks[0]?.readUInt32BE(1) ?? 0);
      if (this.#size < needed) return;
      const all = this.#join();
      const message = all.subarray(5, needed);
      const rest = all.subarray(needed);
      this.#chunks = rest.length > 0 ? [rest] : [];
      this.#size = rest.length;
      onMessage(message);
    }
  }

  #join(): Buffer {
    const [only, ...more] = this.#chunks;
    const all = only && more.length === 0 ? only : Buffer.concat(this.#chunks, this.#size);
    this.#chunks = [all];
    return all;
  }
}
