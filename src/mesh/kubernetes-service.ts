import { memo2 } from "../lib/index.ts";
import type { MeshObject } from "../model/index.ts";
import { exportToFor } from "./export.ts";
import { protocolFor } from "./protocol.ts";
import { preferenceOf } from "./traffic-distribution.ts";
import type { MeshSettings, Service, ServicePort } from "./types.ts";

/** Who may see a Kubernetes service: https://istio.io/latest/docs/reference/config/annotations/ */
const exportToAnnotation = "networking.istio.io/exportTo";

/** A Kubernetes Service that is more than another name (alias.ts) as a service of the mesh: https://kubernetes.io/docs/concepts/services-networking/service/ */
export const kubernetesService = memo2((settings: MeshSettings, object: MeshObject<"Service">): Service => {
  const { metadata, spec } = object;
  const annotated = metadata.annotations[exportToAnnotation]
    ?.split(",")
    .map((namespace) => namespace.trim())
    .filter(Boolean);
  return Object.freeze({
    hostname: `${metadata.name}.${metadata.namespace}.svc.${settings.domain}`,
    namespace: metadata.namespace,
    name: metadata.name,
    registry: "Kubernetes",
    addresses: spec.clusterIPs,
    ports: Object.freeze(spec.ports.map(portFor)),
    resolution: spec.headless ? "NONE" : "STATIC",
    headless: spec.headless,
    meshExternal: false,
    exportTo: exportToFor(annotated, settings.config.defaultServiceExportTo),
    labels: metadata.labels,
    subjectAltNames: [],
    ...preferenceOf(metadata.annotations, spec.trafficDistribution),
    object,
  } satisfies Service);
});

function portFor(port: MeshObject<"Service">["spec"]["ports"][number]): ServicePort {
  const { name, port: number, targetPort, protocol, appProtocol } = port;
  return Object.freeze({
    name,
    number,
    protocol: protocol === "TCP" ? protocolFor(name, appProtocol, number) : "UDP",
    targetPort,
  });
}
