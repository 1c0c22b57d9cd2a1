import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { Command } from "commander";
import { parse } from "yaml";
import { connectApi, type KubernetesApi } from "../../cluster/index.ts";
import { createLog } from "../../lib/index.ts";
import { Failure } from "../failure.ts";
import { loadKubeConfig } from "../kubernetes/connection.ts";

const path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
const servedWithinMs = 30_000;

interface Definition {
  readonly metadata: { readonly name: string };
  readonly status?: { readonly conditions?: readonly { readonly type?: string; readonly status?: string }[] | null };
}

/** `heddle crds install`: CRDs of Istio's kinds, only those that the cluster does not have. Whose they are, Istio's or ours, they stay. */
export function crdsCommand(): Command {
  const install = new Command("install")
    .description("create the CRDs of Istio's kinds that the cluster lacks; those it has stay as they are")
    .requiredOption("--from <dir>", "folder of CRDs: manifests/crds")
    .option("--kubeconfig <file>", "how to reach the cluster; without it KUBECONFIG, or the pod's own service account")
    .action(async ({ from, kubeconfig }: { from: string; kubeconfig?: string }) => {
      const api = connectApi(await loadKubeConfig(kubeconfig, createLog("silent")));
      for (const definition of await readDefinitions(from))
        process.stdout.write(`${await createIfAbsent(api, definition)}\n`);
    });
  return new Command("crds").description("Istio's kinds in a Kubernetes cluster").addCommand(install);
}

async function readDefinitions(folder: string): Promise<readonly Definition[]> {
  const files = (await readdir(folder).catch(() => [])).filter(
    (name) => name.endsWith(".yaml") && name !== "kustomization.yaml",
  );
  if (files.length === 0) throw new Failure(`${folder} has no CRDs`);
  return Promise.all(files.sort().map(async (name) => parse(await readFile(join(folder, name), "utf8")) as Definition));
}

/** Creates one, and waits until it is served. */
async function createIfAbsent(api: KubernetesApi, definition: Definition): Promise<string> {
  const { name } = definition.metadata;
  const { status, body } = await api.call({ method: "POST", path, body: definition });
  if (status === 409) return `${name}: is there already`;
  if (status !== 201)
    throw new Failure(`${name}: ${status} ${(body as { message?: string } | undefined)?.message ?? ""}`);
  const until = Date.now() + servedWithinMs;
  while (!(await isServed(api, name))) {
    if (Date.now() > until) throw new Failure(`${name} was created and is not served`);
    await pause(200);
  }
  return `${name}: created`;
}

async function isServed(api: KubernetesApi, name: string): Promise<boolean> {
  const { body } = await api.call({ method: "GET", path: `${path}/${name}` });
  // Right after its creation there are none: null, in JSON.
  const conditions = (body as Definition | undefined)?.status?.conditions ?? [];
  return conditions.some(({ type, status }) => type === "Established" && status === "True");
}
