import { byCodeUnit, memo } from "../../lib/index.ts";
import type { MeshObject } from "../../model/index.ts";
import { protocolFor } from "../protocol.ts";
import type { Protocol, Service } from "../types.ts";
import { codes, type Finding } from "./finding.ts";

type ServiceObject = MeshObject<"Service">;

/** Namespaces of Kubernetes' own, whose Services nobody of the mesh writes. */
const system = new Set(["kube-system", "kube-public", "kube-node-lease"]);

/** What ports of Kubernetes Services do not say, or say in a way that does not work. */
export const servicePorts = memo((services: readonly Service[]): readonly Finding[] =>
  services.flatMap((service) => (isOurs(service) ? ofService(service) : [])),
);

function isOurs({ object, namespace }: Service): boolean {
  return object.kind === "Service" && !system.has(namespace);
}

/** A service keeps its identity while its ports do, so this looks at each once. */
const ofService = memo((service: Service): readonly Finding[] =>
  service.ports.flatMap((port, i): Finding[] => {
    const { object } = service;
    const path = ["spec", "ports", i, ...(port.name ? ["name"] : [])];
    if (port.protocol !== "AUTO") return [];
    const what = port.name ? `the name "${port.name}" says no protocol` : "the port has no name";
    return [
      {
        code: codes.undeclaredProtocol,
        level: "info",
        object,
        path,
        message: `${what}: each connection's first bytes are looked at to tell HTTP from others`,
        hint: "name it http, grpc, tcp, ... (http-web is fine), or set its appProtocol",
      },
    ];
  }),
);

/**
 * Services that put one port of the same pods under two protocols, of which their sidecar can serve only the first by name.
 * https://istio.io/latest/docs/reference/config/analysis/ist0116/
 */
export const portProtocols = memo((objects: readonly ServiceObject[]): readonly Finding[] => {
  const first = new Map<string, { readonly object: ServiceObject; readonly family: Family }>();
  return objects.toSorted(byName).flatMap((object) =>
    object.spec.ports.flatMap((port, i): Finding[] => {
      const family = familyOf(protocolFor(port.name, port.appProtocol, port.port));
      if (!object.spec.selector || port.protocol !== "TCP" || family === undefined) return [];
      const key = JSON.stringify([object.metadata.namespace, port.targetPort, sorted(object.spec.selector)]);
      const other = first.get(key);
      if (!other) first.set(key, { object, family });
      if (!other || other.family === family) return [];
      const { name } = other.object.metadata;
      const message = `Service ${name} has port ${port.targetPort} of the same pods as ${other.family}: they serve it as that`;
      return [{ code: codes.protocolsOfOnePort, object, path: ["spec", "ports", i], message }];
    }),
  );
});

type Family = "HTTP" | "TCP";

/** Sidecars tell requests apart on ports of one family, and bytes on the other's; AUTO is both. */
function familyOf(protocol: Protocol): Family | undefined {
  switch (protocol) {
    case "HTTP":
    case "HTTP2":
    case "GRPC":
    case "GRPC-Web":
      return "HTTP";
    case "AUTO":
    case "UDP":
      return undefined;
    default:
      return "TCP";
  }
}

function byName(a: ServiceObject, b: ServiceObject): number {
  return byCodeUnit(a.metadata.name, b.metadata.name);
}

function sorted(labels: Readonly<Record<string, string>>): readonly (readonly [string, string])[] {
  return Object.entries(labels).sort(([a], [b]) => byCodeUnit(a, b));
}
