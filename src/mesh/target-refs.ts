import type { Proxy } from "./types.ts";

interface TargetRef {
  readonly group?: string;
  readonly kind: string;
  readonly name: string;
}

/** Kubernetes puts the name of a Gateway on the pods that serve it: https://gateway-api.sigs.k8s.io/geps/gep-1762/ */
const gatewayGroup = "gateway.networking.k8s.io";
const gatewayLabel = `${gatewayGroup}/gateway-name`;

/**
 * Whether a policy of the proxy's namespace that names its targets is for this proxy. Only Gateways have proxies of their own here.
 * https://istio.io/latest/docs/reference/config/type/workload-selector/#PolicyTargetReference
 */
export function isTarget(targetRefs: readonly TargetRef[], { type, labels }: Proxy): boolean {
  return (
    type === "router" &&
    targetRefs.some(
      ({ group, kind, name }) => group === gatewayGroup && kind === "Gateway" && labels[gatewayLabel] === name,
    )
  );
}
