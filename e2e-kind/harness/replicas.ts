import { kubectl, kubectlGet } from "./kubectl.ts";
import { isReady, type List, type Pod } from "./objects.ts";

const system = "heddle-system";

/** The replicas of the control plane that serve. */
export async function replicas(): Promise<readonly Pod[]> {
  const { items } = await kubectlGet<List<Pod>>(["-n", system, "pods", "-l", "app=heddle"]);
  return items.filter(isReady);
}

/** What `heddle` says in a replica, of JSON. */
export async function heddleIn<T>(pod: string, ...words: readonly string[]): Promise<T> {
  const command = ["heddle", ...words, "--output", "json"];
  return JSON.parse(await kubectl(["-n", system, "exec", pod, "-c", "heddle", "--", ...command])) as T;
}

/** The first sample of a metric of a replica: its labels as they stand there, and its value. Asked through the API server. */
export async function replicaMetric(pod: string, name: string): Promise<{ labels: string; value: number }> {
  const text = await kubectl(["get", "--raw", `/api/v1/namespaces/${system}/pods/${pod}:15014/proxy/metrics`]);
  const line = text.split("\n").find((one) => one.startsWith(`${name} `) || one.startsWith(`${name}{`)) ?? "";
  const [, labels = "", value = "NaN"] = /^[^ {]+(\{.*\})? (\S+)$/.exec(line) ?? [];
  return { labels, value: Number(value) };
}
