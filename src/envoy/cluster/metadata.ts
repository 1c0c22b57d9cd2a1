import type { Metadata } from "../../../generated/envoy/config/core/v3/base.ts";
import type { Target } from "./target.ts";

/**
 * What Kiali, EnvoyFilter and %CLUSTER_METADATA(istio:…)% read: the service, the subset and the rule behind a cluster. Istio's `default_original_port`
 * is left out: only a filter of Istio's own proxy reads it, and it would be a fortieth of what a mesh is sent.
 */
export function buildMetadata({ visible: { service, rule }, subset }: Target): Metadata {
  const object = rule?.objects[0];
  const istio = {
    ...(object && { config: configPath(object.metadata) }),
    ...(service.meshExternal && { external: true }),
    services: [{ host: service.hostname, name: service.name, namespace: service.namespace }],
    ...(subset && { subset: subset.name }),
  };
  return { filterMetadata: { istio }, typedFilterMetadata: {} };
}

function configPath({ namespace, name }: { namespace: string; name: string }): string {
  return `/apis/networking.istio.io/v1/namespaces/${namespace}/destination-rule/${name}`;
}
