import { createLog, type Problem } from "../../lib/index.ts";
import type { MeshObject } from "../../model/index.ts";
import { openKubernetesSource, type KubernetesSource } from "../../source/index.ts";
import { Failure } from "../failure.ts";
import { loadKubeConfig } from "../kubernetes/connection.ts";

const readWithinMs = 30_000;
const tellEveryMs = 3_000;

/**
 * Everything of a mesh that the Kubernetes API holds, read once. `namespace` is Heddle's own; `onWaiting` is told now and then what has not been
 * shown yet, and why. Writes nothing. Rejects when the API server does not show everything within half a minute.
 */
export async function readCluster(
  kubeconfig: string | undefined,
  namespace: string,
  onWaiting: (text: string) => void,
): Promise<{ objects: readonly MeshObject[]; problems: readonly Problem[] }> {
  const log = createLog("silent");
  const kubeConfig = await loadKubeConfig(kubeconfig, log);
  const source = openKubernetesSource({ kubeConfig, namespace, log, onChange: () => undefined });
  const teller = setInterval(() => onWaiting(`waiting for the API server to show ${missingIn(source)}`), tellEveryMs);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<"late">((resolve) => (timer = setTimeout(() => resolve("late"), readWithinMs)));
  try {
    if ((await Promise.race([source.start(), late])) === "late")
      throw new Failure(`the API server did not show ${missingIn(source)}`);
    return { objects: source.objects(), problems: source.problems() };
  } finally {
    clearTimeout(timer);
    clearInterval(teller);
    await source.stop();
  }
}

/** A kind that is not there yet, and why: `Service: connect ECONNREFUSED 127.0.0.1:6443`. */
function missingIn(source: KubernetesSource): string {
  const waiting = source.watches().find(({ state }) => state === "waiting" || state === "stale");
  return `${waiting?.kind ?? "every kind"}: ${waiting?.message ?? "no answer yet"}`;
}
