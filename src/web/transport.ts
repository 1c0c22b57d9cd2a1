import { request } from "node:http";

export interface Sending {
  readonly method: "GET" | "POST";
  readonly token: string;
  readonly timeoutMs: number;
  readonly body?: string;
  readonly contentType?: string;
}

/** What came back; `code` (ECONNREFUSED, ETIMEDOUT, ...) where nothing did. */
export type Reply = { readonly status: number; readonly body: string } | { readonly code: string };

/** One HTTP request. Not by `fetch`, which gives up after five minutes whatever it was told: an apply may wait for ten. Never rejects. */
export function send(url: URL, { method, token, timeoutMs, body, contentType }: Sending): Promise<Reply> {
  return new Promise((resolve) => {
    const signal = AbortSignal.timeout(timeoutMs);
    const failed = (error: NodeJS.ErrnoException): void =>
      resolve({ code: signal.aborted ? "ETIMEDOUT" : (error.code ?? "unknown error") });
    const headers = { authorization: `Bearer ${token}`, ...(contentType ? { "content-type": contentType } : {}) };
    try {
      const outgoing = request(url, { method, headers, signal, agent: false }, (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
        incoming.on("error", failed);
        incoming.on("end", () =>
          resolve({ status: incoming.statusCode ?? 0, body: Buffer.concat(chunks).toString("utf8") }),
        );
      });
      outgoing.on("error", failed);
      outgoing.end(body);
    } catch (error) {
      // A token file that holds no token: not fit for a header.
      failed(error as NodeJS.ErrnoException);
    }
  });
}
