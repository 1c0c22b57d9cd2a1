import type { KubeConfig } from "@kubernetes/client-node";
import { Failure } from "../failure.ts";

/**
 * How to reach the API server: by this kubeconfig, else as a pod does, else by `~/.kube/config`. The client is loaded only here: it takes
 * most of a second and 80 MB, which commands without a cluster need not pay.
 */
export async function loadKubeConfig(file: string | undefined): Promise<KubeConfig> {
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
