import { Agent as HttpAgent, request as httpRequest, type IncomingMessage, type RequestOptions } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest, type RequestOptions as HttpsOptions } from "node:https";
import type { Socket } from "node:net";
import type { KubeConfig } from "@kubernetes/client-node";
import { jsonLines } from "./json-lines.ts";

/** Where the API server is and who we are to it: of the client library, the part that reads kubeconfigs, tokens and their renewals. */
export type Access = Pick<KubeConfig, "getCurrentCluster" | "applyToHTTPSOptions">;

/** One line of a watch: https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes */
export interface WatchEvent {
  readonly type: string; // ADDED, MODIFIED, DELETED, BOOKMARK, ERROR
  readonly object: unknown;
}

export interface Call {
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** What we ask of a Kubernetes API server. Everything rejects with an `ApiError`. */
export interface Api {
  /** The decoded answer. */
  get(call: Call): Promise<unknown>;
  /** Sends an object. */
  send(method: "POST" | "PATCH" | "DELETE", call: Call, body?: unknown): Promise<unknown>;
  openLine(): Line;
  close(): void;
}

/** Reads, one after the other, over one connection for as long as it lasts. Everything rejects with an `ApiError`. */
export interface Line {
  get(call: Call): Promise<unknown>;
  /**
   * Resolves when the server ends the watch; `onEvent` is called for each event, `onOpen` when the server has agreed. What either of
   * them throws ends the watch.
   */
  watch(call: Call, onEvent: (event: WatchEvent) => void, onOpen: () => void): Promise<void>;
  /**
   * Which connection the last request went over, counted from 1: the same number is the same process at the other end. Undefined
   * where a proxy of the kubeconfig stands between, behind which nobody can tell.
   */
  readonly connection: number | undefined;
  close(): void;
}

/** A call that did not succeed. `status` is that of HTTP, or 0 when there was no (whole) answer. The message holds no secret. */
export class ApiError extends Error {
  readonly status: number;

  constructor(status: number, message: string, cause?: unknown) {
    super(message, { cause });
    this.status = status;
  }
}

/** An answer, or a line of a watch, that is larger is no answer: a page of 500 objects has a few megabytes. */
const maxAnswerBytes = 512 * 1024 * 1024;
const maxEventBytes = 16 * 1024 * 1024;
/** A server that says nothing for so long after a request is not there. */
const answerMs = 30_000;

/**
 * Calls an API server. The client library gives address and credentials; lists and watches are our own, because its Watch cannot be
 * ended while it waits for the server's first word, and passes over what it cannot decode.
 */
export function openApi(access: Access): Api {
  const route = openRoute(access);
  return {
    get: async (it) => decode(await readAll(await route.call("GET", it))),
    send: async (method, it, body) => decode(await readAll(await route.call(method, it, body))),
    openLine: () => openLine(access),
    close: route.close,
  };
}

function openLine(access: Access): Line {
  let socket: Socket | undefined;
  let connection = 0;
  let isTold = false;
  const route = openRoute(access, 1, (used, direct) => {
    if (used !== socket) connection += 1;
    socket = used;
    isTold = direct;
  });
  return {
    get: async (it) => decode(await readAll(await route.call("GET", it))),
    watch: async (it, onEvent, onOpen) => {
      const response = await route.call("GET", { ...it, query: { ...it.query, watch: "1" } });
      try {
        onOpen();
        await jsonLines(response, maxEventBytes, (event) => onEvent(event as WatchEvent)).catch(refuse);
      } finally {
        if (!response.readableEnded) response.destroy();
      }
    },
    get connection() {
      return isTold ? connection : undefined;
    },
    close: route.close,
  };
}

/** Hears of the connection that a request goes over, and whether it leads to the server itself. */
type OnSocket = (socket: Socket, direct: boolean) => void;

interface Route {
  readonly call: (method: string, call: Call, body?: unknown) => Promise<IncomingMessage>;
  readonly close: () => void;
}

/** The way to the API server, over connections that are kept. */
function openRoute(access: Access, maxSockets = Infinity, onSocket?: OnSocket): Route {
  const kept = { keepAlive: true, maxSockets };
  const agents = { http: new HttpAgent(kept), https: new HttpsAgent(kept) };
  const call = async (method: string, { path, query, signal }: Call, body?: unknown): Promise<IncomingMessage> => {
    const cluster = access.getCurrentCluster();
    if (!cluster) throw new ApiError(0, "the kubeconfig has no current cluster");
    const url = new URL(cluster.server.replace(/\/$/, "") + path);
    for (const [name, value] of Object.entries(query ?? {})) url.searchParams.set(name, value);
    const options: HttpsOptions = { method, headers: {} };
    await access.applyToHTTPSOptions(options);
    // The library keeps one agent with the certificates it saw first; with a proxy it is the one that knows the way.
    const direct = cluster.proxyUrl === undefined;
    if (direct) options.agent = url.protocol === "http:" ? agents.http : agents.https;
    const contentType = method === "PATCH" ? "application/merge-patch+json" : "application/json";
    const content = body === undefined ? undefined : { type: contentType, text: JSON.stringify(body) };
    return exchange(url, options, { content, signal, onSocket: (socket) => onSocket?.(socket, direct) });
  };
  const close = (): void => {
    agents.http.destroy();
    agents.https.destroy();
  };
  return { call, close };
}

interface Exchange {
  readonly content: { readonly type: string; readonly text: string } | undefined;
  readonly signal: AbortSignal | undefined;
  readonly onSocket: (socket: Socket) => void;
}

/** Sends a request; resolves with the beginning of a good answer, rejects with what another one says. */
async function exchange(
  url: URL,
  options: HttpsOptions,
  { content, signal, onSocket }: Exchange,
): Promise<IncomingMessage> {
  const headers = { ...options.headers, accept: "application/json", ...(content && { "content-type": content.type }) };
  const all: RequestOptions = { ...options, headers, ...(signal && { signal }) };
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const request = url.protocol === "http:" ? httpRequest(url, all) : httpsRequest(url, all);
    const late = setTimeout(() => request.destroy(new Error(`no answer within ${answerMs / 1000} s`)), answerMs);
    request.once("error", reject).once("response", resolve).once("socket", onSocket);
    request.once("close", () => clearTimeout(late)).once("response", () => clearTimeout(late));
    request.end(content?.text);
  }).catch(refuse);
  const status = response.statusCode ?? 0;
  if (status >= 200 && status < 300) return response;
  throw new ApiError(status, `${status} ${messageIn(await readAll(response).catch(() => ""), response)}`);
}

function refuse(error: unknown): never {
  if (error instanceof ApiError) throw error;
  const { code, message } = error as NodeJS.ErrnoException;
  throw new ApiError(0, [code, message].filter(Boolean).join(": "), error);
}

async function readAll(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  response.setTimeout(answerMs, () => response.destroy(new Error("the answer stopped")));
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > maxAnswerBytes) throw new Error(`the answer has more than ${maxAnswerBytes} bytes`);
      chunks.push(chunk);
    }
  } catch (error) {
    refuse(error);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function decode(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new ApiError(0, "the answer is no JSON", error);
  }
}

/** The message of a Status object: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/ */
function messageIn(text: string, { statusMessage = "" }: IncomingMessage): string {
  try {
    const { message } = JSON.parse(text) as { message?: unknown };
    if (typeof message === "string") return message.slice(0, 500);
  } catch {
    // A proxy in between answers in its own words.
  }
  return statusMessage;
}
