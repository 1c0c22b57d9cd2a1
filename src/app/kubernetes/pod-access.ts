import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import type { OutgoingHttpHeaders } from "node:http";
import type { RequestOptions } from "node:https";
import { isIPv6 } from "node:net";
import { join } from "node:path";
import type { KubeConfig } from "@kubernetes/client-node";
import { monotonicClock, type Log } from "../../lib/index.ts";

/** Where the API server is, and who we are to it. */
export type ApiAccess = Pick<KubeConfig, "getCurrentCluster" | "applyToHTTPSOptions">;

const mounted = "/var/run/secrets/kubernetes.io/serviceaccount";
/** The kubelet replaces a token long before it expires; client-go reads it again as often. */
const readAgainMs = 60_000;

/**
 * The API server as every pod is told of it: two variables, and files that the kubelet keeps fresh. Undefined where there is no such
 * thing. https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/#directly-accessing-the-rest-api
 */
export function podAccess(
  env: Readonly<Record<string, string | undefined>>,
  log: Pick<Log, "warn">,
  folder = mounted,
): ApiAccess | undefined {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = env;
  const file = (name: string): string => join(folder, name);
  if (!host || !port || !existsSync(file("token"))) return undefined;
  const server = `https://${isIPv6(host) ? `[${host}]` : host}:${port}`;
  let known: { readonly token: string; readonly ca: string; readonly at: number } | undefined;
  const read = async (): Promise<NonNullable<typeof known>> => {
    const [token, ca] = await Promise.all([readFile(file("token"), "utf8"), readFile(file("ca.crt"), "utf8")]);
    return { token: token.trim(), ca, at: monotonicClock.now() };
  };
  return {
    getCurrentCluster: () => ({ name: "pod", server, skipTLSVerify: false }),
    async applyToHTTPSOptions(options: RequestOptions) {
      if (!known || monotonicClock.now() - known.at >= readAgainMs) {
        known = await read().catch((error: unknown) => {
          if (!known) throw error;
          log.warn({ err: error }, "the pod's token cannot be read again: the one we have stays");
          return { ...known, at: monotonicClock.now() };
        });
      }
      options.ca = known.ca;
      options.headers = { ...(options.headers as OutgoingHttpHeaders), authorization: `Bearer ${known.token}` };
    },
  };
}
