import { kubernetesKind } from "../kind.ts";

/** https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/namespace-v1/ */
export const namespace = kubernetesKind("Namespace", "v1", () => ({}), { namespace: "" });
