import { request as plainRequest } from "node:http";
import { Agent, request as tlsRequest, type RequestOptions } from "node:https";
import type { KubeConfig } from "@kubernetes/client-node";

/** One call. `body` of a PATCH is a JSON patch (RFC 6902): it can test what it changes. That of a DELETE are its options, with preconditions. */
export interface ApiRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly path: string; // with the query, encoded
  readonly body?: object;
}

/** What the API server said; a refusal is an answer too. `body` is JSON that nobody has checked yet. */
export interface ApiAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** The Kubernetes API. Rejects with an Error where no whole answer came within five seconds. */
export interface KubernetesApi {
  call(this: void, request: ApiRequest): Promise<ApiAnswer>;
}

const timeoutMs = 5_000;
const maxBytes = 16 << 20;
const contentTypes = {
  GET: "",
  POST: "application/json",
  PUT: "application/json",
  PATCH: "application/json-patch+json",
  DELETE: "application/json",
};

/**
 * The API server that a KubeConfig names, over connections that are kept. The generated clients open a new TLS connection for each
 * call; a thousand sidecars that come back at once would have each of their tokens pay for one.
 */
export function connectApi(kubeConfig: Pick<KubeConfig, "getCurrentCluster" | "applyToHTTPSOptions">): KubernetesApi {
  const agent = new Agent({ keepAlive: true, maxSockets: 32, timeout: 60_000 });
  const send = async (call: ApiRequest): Promise<ApiAnswer> => {
    const cluster = kubeConfig.getCurrentCluster();
    if (!cluster) throw new Error("the kubeconfig names no cluster");
    const url = new URL(cluster.server.replace(/\/+$/, "") + call.path);
    const options: RequestOptions = {};
    await kubeConfig.applyToHTTPSOptions(options);
    if (url.protocol === "https:" && cluster.proxyUrl === undefined) options.agent = agent;
    return exchange(url, options, call);
  };
  return {
    // A kept connection may have been closed by the server while our request was on its way. Each call may be repeated: what it
    // writes bears a version, or a name that can be taken only once.
    call: (call) =>
      send(call).catch((error: unknown) => (isStale(error) ? send(call) : Promise.reject(toError(error)))),
  };
}

const staleConnection = Symbol("a kept connection was closed");

function isStale(error: unknown): boolean {
  return error instanceof Error && error.cause === staleConnection;
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

function exchange(url: URL, options: RequestOptions, { method, body }: ApiRequest): Promise<ApiAnswer> {
  return new Promise((resolve, reject) => {
    const payload = body === undefined ? undefined : JSON.stringify(body);
    const headers = {
      ...options.headers,
      accept: "application/json",
      "user-agent": "heddle",
      ...(payload !== undefined && {
        "content-type": contentTypes[method],
        "content-length": Buffer.byteLength(payload),
      }),
    };
    const send = url.protocol === "http:" ? plainRequest : tlsRequest;
    const request = send(url, { ...options, method, headers, signal: AbortSignal.timeout(timeoutMs) }, (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      response.on("data", (chunk: Buffer) => {
        chunks.push(chunk);
        if ((size += chunk.length) > maxBytes) response.destroy(new Error("the answer is longer than 16 MiB"));
      });
      response.on("error", reject);
      response.on("end", () => resolve({ status: response.statusCode ?? 0, body: parsed(Buffer.concat(chunks)) }));
    });
    request.on("error", (error: NodeJS.ErrnoException) => {
      const isClosed = request.reusedSocket && (error.code === "ECONNRESET" || error.code === "EPIPE");
      reject(isClosed ? new Error(error.message, { cause: staleConnection }) : error);
    });
    request.end(payload);
  });
}

/** An answer that is no JSON (of a proxy on the way) is none of the API server: its status stands, its body is nothing. */
function parsed(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch {
    return undefined;
  }
}
