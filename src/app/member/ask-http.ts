import { request as plainRequest } from "node:http";
import { request as tlsRequest } from "node:https";
import type { Probe } from "../../mesh/index.ts";
import { version } from "../version.ts";

/**
 * Asks an app over HTTP: a status from 200 to 399 is well. Redirects are not followed; over TLS nobody's certificate is looked at, as
 * with a kubelet. Rejects with what is wrong, at the latest after `timeoutMs`.
 */
export async function askHttp(
  { host, port, path, scheme, httpHeaders }: NonNullable<Probe["httpGet"]>,
  timeoutMs: number,
): Promise<void> {
  const { pathname, search } = new URL(path.startsWith("/") ? `http://host${path}` : `http://host/${path}`);
  const headers: Record<string, string[]> = {};
  for (const { name, value } of httpHeaders) (headers[name.toLowerCase()] ??= []).push(value);
  const { host: authority, "user-agent": agent = [`heddle-probe/${version}`], ...others } = headers;
  const options = {
    ...{ host, port, path: pathname + search, agent: false, rejectUnauthorized: false },
    headers: { ...others, "user-agent": agent[0], ...(authority && { host: authority[0] }) },
    signal: AbortSignal.timeout(timeoutMs),
  };
  const status = await new Promise<number>((resolve, reject) => {
    const request = (scheme === "HTTPS" ? tlsRequest : plainRequest)(options, (response) => {
      resolve(response.statusCode ?? 0);
      response.destroy();
    });
    request.on("error", (error) =>
      reject(error.name === "AbortError" || error.name === "TimeoutError" ? late(timeoutMs) : error),
    );
    request.end();
  });
  if (status < 200 || status >= 400) throw new Error(`the app answered with status ${status}`);
}

const late = (timeoutMs: number): Error => new Error(`no answer within ${timeoutMs / 1000} s`);
