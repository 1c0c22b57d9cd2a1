import { createLog, type Problem } from "../../lib/index.ts";
import type { MeshObject } from "../../model/index.ts";
import { openKubernetesSource } from "../../source/index.ts";
import { Failure } from "../failure.ts";
import { loadKubeConfig } from "../kubernetes/connection.ts";

const readWithinMs = 30_000;

/** Everything of a mesh that the Kubernetes API holds, read once. `namespace` is Heddle's own. Writes nothing. */
export async function readCluster(
  kubeconfig: string | undefined,
  namespace: string,
): Promise<{ objects: readonly MeshObject[]; problems: readonly Problem[] }> {
  const log = createLog("silent");
  const kubeConfig = await loadKubeConfig(kubeconfig, log);
  const source = openKubernetesSource({ kubeConfig, namespace, log, onChange: () => undefined });
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<"late">((resolve) => (timer = setTimeout(() => resolve("late"), readWithinMs)));
  try {
    if ((await Promise.race([source.start(), late])) === "late") {
      const waiting = source.watches().find(({ state }) => state === "waiting" || state === "stale");
      throw new Failure(`the API server did not show ${waiting?.kind ?? "every kind"}: ${waiting?.message ?? "late"}`);
    }
    return { objects: source.objects(), problems: source.problems() };
  } finally {
    clearTimeout(timer);
    await source.stop();
  }
}
