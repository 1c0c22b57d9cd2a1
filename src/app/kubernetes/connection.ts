import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Log } from "../../lib/index.ts";
import { Failure } from "../failure.ts";
import { podAccess, type ApiAccess } from "./pod-access.ts";

/**
 * How to reach the API server: by this kubeconfig, else by `~/.kube/config`, else as a pod does. The client library reads kubeconfigs, and
 * is loaded only for them: it takes half a second of CPU and 60 MB and more, which a control plane in its pod need not pay.
 */
export async function loadKubeConfig(file: string | undefined, log: Pick<Log, "warn">): Promise<ApiAccess> {
  const isOwn = file === undefined && !existsSync(join(process.env["HOME"] ?? "/", ".kube/config"));
  const own = isOwn ? podAccess(process.env, log) : undefined;
  if (own) return own;
  const { KubeConfig: Config } = await import("@kubernetes/client-node");
  const config = new Config();
  try {
    if (file === undefined) config.loadFromDefault();
    else config.loadFromFile(file);
  } catch (error) {
    const { code = "it is not a kubeconfig" } = error as NodeJS.ErrnoException; // its text may quote a credential
    throw new Failure(`${file ?? "the default kubeconfig"}: cannot be read (${code})`);
  }
  if (!config.getCurrentCluster()) throw new Failure(`${file ?? "the default kubeconfig"}: it names no cluster`);
  return config;
}
