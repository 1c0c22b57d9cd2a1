import { kubernetesKind } from "../kind.ts";

/** https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/node-v1/ */
export const node = kubernetesKind("Node", "v1", () => ({}), { namespace: "" });
