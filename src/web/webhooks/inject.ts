import { formatProblem, type Problem } from "../../lib/index.ts";
import {
  buildPatch,
  decideInjection,
  formatPatch,
  injectPod,
  isInjected,
  parsePod,
  podFields,
  type InjectionSettings,
} from "../../node/index.ts";
import type { AdmissionRequest, Verdict } from "./review.ts";
import type { WebhookSources } from "./types.ts";

/** What became of a pod, for the metrics. */
export interface Injection {
  readonly verdict: Verdict;
  readonly outcome: "injected" | "skipped" | "failed";
  readonly reason: string;
}

/** A problem for people at kubectl: no file, as there is none. */
export function sentence(problem: Problem): string {
  const { position: _, object: __, ...rest } = problem;
  return formatProblem(rest);
}

function split(problems: readonly Problem[]): { errors: string[]; warnings: string[] } {
  const of = (isError: boolean) => problems.filter(({ level }) => (level === "error") === isError).map(sentence);
  return { errors: of(true), warnings: of(false) };
}

function refusal(problems: readonly Problem[]): Injection {
  const { errors, warnings } = split(problems);
  const message = `Heddle cannot inject a sidecar:\n${errors.join("\n")}`;
  return { outcome: "failed", reason: "invalid", verdict: { allowed: false, message, warnings } };
}

/** Decides about a pod and makes the patch. A pod that is not to be injected is let through as it is. */
export function admitPod(request: AdmissionRequest, sources: WebhookSources, settings: InjectionSettings): Injection {
  const skip = (reason: string): Injection => ({ outcome: "skipped", reason, verdict: { allowed: true } });
  if (request.object["kind"] !== "Pod") return skip("not a pod");
  const { value: pod, problems } = parsePod(request.object);
  if (!pod) return refusal(problems);
  const labels = sources.namespaceLabels?.(request.namespace);
  const decision = decideInjection(pod, request.namespace, settings, labels);
  if (!decision.inject) return skip(decision.reason);
  if (isInjected(pod)) return skip("injected already");
  const { labels: own, annotations } = pod.metadata;
  const run = sources.proxyRun?.({ namespace: request.namespace, labels: own, annotations });
  const injected = injectPod(pod, settings, run);
  if (!injected.value) return refusal(injected.problems);
  const { warnings } = split(injected.problems);
  const patch = formatPatch(buildPatch(request.object, podFields(injected.value)));
  return { outcome: "injected", reason: decision.reason, verdict: { allowed: true, warnings, patch } };
}
