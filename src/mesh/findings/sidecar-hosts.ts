import { memo, memo3 } from "../../lib/index.ts";
import { hostMatches, isWildcard } from "../host.ts";
import { servicesByHost, wildcardServices } from "../registry.ts";
import { egressOf, type SidecarObject } from "../sidecar.ts";
import type { Service } from "../types.ts";
import type { ResolvedVirtualService } from "../virtual-service.ts";
import { codes, type Finding } from "./finding.ts";

/**
 * Hosts that a Sidecar imports by their full name and that nobody has. Told where the namespace has services at all: elsewhere they may be
 * yet to come. https://istio.io/latest/docs/reference/config/networking/sidecar/#IstioEgressListener-hosts
 */
export const missingImports = memo3(
  (
    services: readonly Service[],
    rules: readonly ResolvedVirtualService[],
    sidecars: readonly SidecarObject[],
  ): readonly Finding[] =>
    sidecars.flatMap((object) =>
      (egressOf(object) ?? []).flatMap(({ hosts }, i) =>
        hosts.flatMap((entry, j): Finding[] => {
          const [written = "", name = ""] = entry.split("/");
          const host = name.toLowerCase();
          if (written.startsWith("~") || isWildcard(host)) return [];
          const namespace = written === "." ? object.metadata.namespace : written;
          if (namespace !== "*" && !namespacesOf(services).has(namespace)) return [];
          if (isServed(services, namespace, host) || rules.some((rule) => rule.hosts.includes(host))) return [];
          const where = namespace === "*" ? "no namespace" : `namespace ${namespace}`;
          const message = `${where} has ${namespace === "*" ? "a" : "no"} service ${host}: nothing is imported by this`;
          return [
            {
              code: codes.missingReference,
              object,
              path: ["spec", "egress", i, "hosts", j],
              message,
              ...hintFor(host, services),
            },
          ];
        }),
      ),
    ),
);

function isServed(services: readonly Service[], namespace: string, host: string): boolean {
  const isThere = (service: Service): boolean => namespace === "*" || service.namespace === namespace;
  return (
    (servicesByHost(services).get(host) ?? []).some(isThere) ||
    wildcardServices(services).some((service) => isThere(service) && hostMatches(service.hostname, host))
  );
}

const namespacesOf = memo((services: readonly Service[]) => new Set(services.map(({ namespace }) => namespace)));

/** Short names are not understood here. */
function hintFor(host: string, services: readonly Service[]): { hint?: string } {
  if (host.includes(".")) return {};
  const meant = services.find(({ hostname }) => hostname.startsWith(`${host}.`));
  return meant ? { hint: `hosts are written in full: ${meant.hostname}` } : {};
}
