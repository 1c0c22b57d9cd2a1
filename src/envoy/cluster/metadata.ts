import type { Metadata } from "../../../generated/envoy/config/core/v3/base.ts";
import type { Target } from "./target.ts";

/** What Kiali, EnvoyFilter and %CLUSTER_METADATA(istio:…)% read: the service, the subset and the rule behind a cluster. */
export function buildMetadata({ visible: { service, rule }, port, subset }: Target): Metadata {
  const object = rule?.objects[0];
  const istio = {
    ...(object && { config: configPath(object.metadata) }),
    default_original_port: port.number,
    ...(service.meshExternal && { external: true }),
    services: [{ host: service.hostname, name: service.name, namespace: service.namespace }],
    ...(subset && { subset: subset.name }),
  };
  return { filterMetadata: { istio }, typedFilterMetadata: {} };
}

function configPath({ namespace, name }: { namespace: string; name: string }): string {
  return `/apis/networking.istio.io/v1/namespaces/${namespace}/destination-rule/${name}`;
}
