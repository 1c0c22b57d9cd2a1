import type { TestMesh } from "./mesh.ts";

/** A conversation over TCP or TLS; see e2e/apps/probe.mjs. */
export interface Conversation {
  readonly host: string;
  readonly port: number;
  readonly send?: string;
  /** Ends when this has come; without it, when the other side ends. */
  readonly until?: string;
  readonly servername?: string;
  readonly ca?: string;
  readonly cert?: string; // of the client, PEM
  readonly key?: string;
  readonly minVersion?: string; // TLSv1.2
  readonly maxVersion?: string;
  readonly ciphers?: string;
  readonly timeoutMs?: number;
}

/** One request over HTTP/2 without TLS. */
export interface Http2Request {
  readonly h2: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly timeoutMs?: number;
}

export interface Heard {
  readonly received: string;
  readonly subject?: string; // of a TLS server: its alternative names
  readonly protocol?: string;
  readonly cipher?: string;
  readonly error?: string;
}

export interface Http2Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly trailers: Readonly<Record<string, string>>;
  readonly error?: string;
}

async function probe(mesh: TestMesh, pod: string, options: Conversation | Http2Request): Promise<unknown> {
  return JSON.parse(await mesh.exec(pod, ["node", "e2e/apps/probe.mjs"], JSON.stringify(options))) as unknown;
}

/** Talks from inside a pod, as its app would. */
export async function converse(mesh: TestMesh, pod: string, options: Conversation): Promise<Heard> {
  return (await probe(mesh, pod, options)) as Heard;
}

/** Asks from inside a pod, as its app would. */
export async function requestHttp2(mesh: TestMesh, pod: string, options: Http2Request): Promise<Http2Answer> {
  return (await probe(mesh, pod, options)) as Http2Answer;
}
