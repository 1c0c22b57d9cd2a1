import { memo2 } from "../lib/index.ts";
import type { MeshObject } from "../model/index.ts";
import { exportToFor } from "./export.ts";
import { isWildcard } from "./host.ts";
import { protocolFor } from "./protocol.ts";
import { preferenceOf } from "./traffic-distribution.ts";
import type { MeshSettings, Resolution, Service, ServicePort } from "./types.ts";

/** The services of a ServiceEntry, one for each host: https://istio.io/latest/docs/reference/config/networking/service-entry/ */
export const serviceEntryServices = memo2(
  (settings: MeshSettings, object: MeshObject<"ServiceEntry">): readonly Service[] => {
    const { metadata, spec } = object;
    const ports = Object.freeze((spec.ports ?? []).map(portFor));
    const shared = {
      namespace: metadata.namespace,
      name: metadata.name,
      registry: "External",
      addresses: spec.addresses ?? [],
      ports,
      headless: false,
      meshExternal: spec.location !== "MESH_INTERNAL",
      exportTo: exportToFor(spec.exportTo, settings.config.defaultServiceExportTo),
      labels: metadata.labels,
      subjectAltNames: spec.subjectAltNames ?? [],
      ...preferenceOf(metadata.annotations),
      ...(spec.workloadSelector && { selects: true as const }),
      object,
    } satisfies Partial<Service>;
    const hosts = [...new Set(spec.hosts.map((host) => host.toLowerCase()))];
    return Object.freeze(
      hosts.map((hostname) =>
        Object.freeze({ ...shared, hostname, resolution: resolutionFor(spec.resolution, hostname) } satisfies Service),
      ),
    );
  },
);

/** A wildcard has no name to look up, but for DYNAMIC_DNS, which looks up those that requests carry. */
function resolutionFor(written: MeshObject<"ServiceEntry">["spec"]["resolution"], hostname: string): Resolution {
  if (written === undefined) return "NONE";
  return isWildcard(hostname) && written === "DNS_ROUND_ROBIN" ? "NONE" : written;
}

function portFor(port: NonNullable<MeshObject<"ServiceEntry">["spec"]["ports"]>[number]): ServicePort {
  const { name, number, protocol = "", targetPort } = port;
  return Object.freeze({
    name,
    number,
    protocol: protocolFor(protocol, undefined, number),
    ...(targetPort && { targetPort }),
  });
}
