import { memo, memo2 } from "../../lib/index.ts";
import type { MeshObject } from "../../model/index.ts";
import { codes, type Finding } from "./finding.ts";

type Namespace = MeshObject<"Namespace">;
type Pod = MeshObject<"Pod">;

const switchLabel = "istio-injection";
const revisionLabel = "istio.io/rev";
const podLabel = "sidecar.istio.io/inject";
const system = new Set(["kube-system", "kube-public", "kube-node-lease", "local-path-storage"]);

/** Namespaces with both the old and the new label of injection: https://istio.io/latest/docs/reference/config/analysis/ist0123/ */
export const injectionLabels = memo((namespaces: readonly Namespace[]): readonly Finding[] =>
  namespaces
    .filter(({ metadata: { labels } }) => labels[switchLabel] !== undefined && labels[revisionLabel] !== undefined)
    .map((object) => ({
      code: codes.twoInjectionLabels,
      object,
      path: ["metadata", "labels", revisionLabel],
      message: `has no effect beside ${switchLabel}`,
      hint: "remove one of both",
    })),
);

/**
 * Namespaces whose pods get no sidecar, and pods that should have one and have none. Asked of clusters only: on one machine every pod
 * has a sidecar. https://istio.io/latest/docs/reference/config/analysis/ist0103/
 */
export const missingSidecars = memo2((namespaces: readonly Namespace[], pods: readonly Pod[]): readonly Finding[] => {
  const own = namespaces.filter(({ metadata: { name } }) => !system.has(name));
  const silent = own.filter(({ metadata: { labels } }) => !(switchLabel in labels) && !(revisionLabel in labels));
  const injected = new Set(own.filter(isInjected).map(({ metadata }) => metadata.name));
  const bare = pods.filter((pod) => injected.has(pod.metadata.namespace) && lacksSidecar(pod));
  return [...silent.map(notInjected), ...bare.map(withoutProxy)];
});

function isInjected({ metadata: { labels } }: Namespace): boolean {
  return (
    labels[switchLabel] === "enabled" || (labels[switchLabel] === undefined && labels[revisionLabel] !== undefined)
  );
}

function lacksSidecar({ metadata: { labels, annotations }, spec }: Pod): boolean {
  if (spec.terminated || spec.hostNetwork || (labels[podLabel] ?? annotations[podLabel]) === "false") return false;
  return annotations["sidecar.istio.io/status"] === undefined && labels["security.istio.io/tlsMode"] === undefined;
}

function notInjected(object: Namespace): Finding {
  const message = "pods of this namespace get no sidecar unless they ask for it";
  const hint = `label it ${switchLabel}=enabled, or ${switchLabel}=disabled where that is meant`;
  return { code: codes.namespaceNotInjected, object, path: ["metadata", "labels"], message, hint, level: "info" };
}

function withoutProxy(object: Pod): Finding {
  const message = "has no sidecar though its namespace is injected: mesh policy does not apply to it";
  const hint = "restart it: only new pods are injected";
  return { code: codes.podWithoutProxy, object, path: ["metadata", "name"], message, hint };
}
