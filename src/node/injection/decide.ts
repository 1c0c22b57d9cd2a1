import { fieldsAt, type Pod } from "./pod.ts";
import { selects, type LabelSelector } from "./selector.ts";
import { marks } from "./names.ts";

/** What decides besides the pod itself. */
export interface InjectionPolicy {
  /** What holds for pods of selected namespaces that say nothing: Istio's `policy`. */
  readonly policy: "enabled" | "disabled";
  readonly neverInjectSelector: readonly LabelSelector[];
  readonly alwaysInjectSelector: readonly LabelSelector[];
  /** The `istio.io/rev` that is ours. */
  readonly revision: string;
}

/** Whether a pod gets a sidecar, and why, for people. */
export interface Decision {
  readonly inject: boolean;
  readonly reason: string;
}

/** Namespaces of the cluster itself; a sidecar there could keep the cluster from starting. */
const systemNamespaces: readonly string[] = ["kube-system", "kube-public", "kube-node-lease"];

const no = (reason: string): Decision => ({ inject: false, reason });
const yes = (reason: string): Decision => ({ inject: true, reason });

/** "true" and "false" decide; any other text is as if nothing stood there, as in Istio. */
function asked({ metadata: { labels, annotations } }: Pod): Decision | undefined {
  const label = labels[marks.inject];
  const text = label ?? annotations[marks.inject];
  const where = `the pod's ${label === undefined ? "annotation" : "label"} ${marks.inject}`;
  if (text === "true") return yes(where);
  return text === "false" ? no(where) : undefined;
}

/** What a namespace's labels say; undefined: nothing. `istio-injection` and ours win over a revision. */
function ofNamespace(labels: Readonly<Record<string, string>>, revision: string): Decision | undefined {
  for (const key of ["heddle-injection", "istio-injection"]) {
    if (labels[key] === "disabled") return no(`the namespace's label ${key}`);
    if (labels[key] === "enabled") return yes(`the namespace's label ${key}`);
  }
  const rev = labels[marks.revision];
  if (rev === undefined) return undefined;
  return rev === revision ? yes(`the namespace's label ${marks.revision}`) : no(`the namespace is of revision ${rev}`);
}

/**
 * Istio's rule: never on the host's network; the pod's label, over its annotation; then the never and the always selectors; then
 * the namespace. `namespaceLabels` undefined: the API server's selectors have chosen the namespace already.
 * https://istio.io/latest/docs/setup/additional-setup/sidecar-injection/#controlling-the-injection-policy
 */
export function decideInjection(
  pod: Pod,
  namespace: string,
  policy: InjectionPolicy,
  namespaceLabels?: Readonly<Record<string, string>>,
): Decision {
  const { spec, metadata } = pod;
  if (spec["hostNetwork"] === true) return no("the pod is on the host's network");
  if (systemNamespaces.includes(namespace)) return no(`namespace ${namespace} belongs to the cluster`);
  const os = fieldsAt(spec, "os")["name"] ?? fieldsAt(spec, "nodeSelector")["kubernetes.io/os"];
  if (os === "windows") return no("the pod runs on Windows");
  const explicit = asked(pod);
  if (explicit) return explicit;
  if (policy.neverInjectSelector.some((selector) => selects(selector, metadata.labels)))
    return no("a neverInjectSelector selects it");
  if (policy.alwaysInjectSelector.some((selector) => selects(selector, metadata.labels)))
    return yes("an alwaysInjectSelector selects it");
  if (policy.policy === "disabled") return no("the policy is disabled, and the pod does not ask for a sidecar");
  if (namespaceLabels === undefined) return yes("the policy is enabled");
  const { revision } = policy;
  const rev = metadata.labels[marks.revision];
  return (
    ofNamespace(namespaceLabels, revision) ??
    (rev === revision ? yes(`the pod's label ${marks.revision}`) : no("its namespace does not ask for sidecars"))
  );
}
