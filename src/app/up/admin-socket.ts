import { request } from "node:http";

export interface AdminAnswer {
  readonly status: number;
  readonly body: string;
}

/** Asks an Envoy's admin interface through its unix socket. Rejects where nobody listens (yet), or after `timeoutMs`. */
export function askEnvoy(socketPath: string, path: string, method = "GET", timeoutMs = 10_000): Promise<AdminAnswer> {
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath, path, method, timeout: timeoutMs, headers: { host: "envoy" } }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() }));
      response.on("error", reject);
    });
    asked.on("timeout", () => asked.destroy(new Error(`Envoy did not answer ${path} in ${timeoutMs} ms`)));
    asked.on("error", reject);
    asked.end();
  });
}
