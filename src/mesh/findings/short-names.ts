import { memo, memo3 } from "../../lib/index.ts";
import type { MeshObject } from "../../model/index.ts";
import { resolveShortName } from "../host.ts";
import { servicesByHost } from "../registry.ts";
import type { MeshSettings, Service } from "../types.ts";
import { isForMesh } from "../virtual-service-scope.ts";
import { codes, type Finding } from "./finding.ts";

type RuleObject = MeshObject<"VirtualService">;

/**
 * The full name of a service that somebody may have meant by a name that no service has: a short name is of the namespace that says it,
 * and a name with a dot stands as it is, which `reviews.shop` is not meant to.
 * https://istio.io/latest/docs/reference/config/networking/virtual-service/#Destination
 */
export function meantBy(services: readonly Service[], settings: MeshSettings, written: string): string | undefined {
  const name = written.toLowerCase();
  if (name.includes(".")) {
    const labels = name.replace(/\.svc$/, "").split(".");
    const full = `${labels.join(".")}.svc.${settings.domain}`;
    return labels.length === 2 && servicesByHost(services).has(full) ? full : undefined;
  }
  return byShortName(services).get(name)?.hostname;
}

const byShortName = memo(
  (services: readonly Service[]): ReadonlyMap<string, Service> =>
    new Map(
      services
        .filter(({ registry }) => registry === "Kubernetes")
        .toReversed()
        .map((service) => [service.name, service]),
    ),
);

/** Hosts of VirtualServices that mean no service, though there is one that they look like: sidecars never ask these rules for it. */
export const shortHosts = memo3(
  (services: readonly Service[], settings: MeshSettings, objects: readonly RuleObject[]): readonly Finding[] =>
    objects.flatMap((object) => ofObject(services, settings, object)),
);

const ofObject = memo3(
  (services: readonly Service[], settings: MeshSettings, object: RuleObject): readonly Finding[] =>
    isForMesh(object.spec.gateways ?? [])
      ? (object.spec.hosts ?? []).flatMap((host, i): Finding[] => {
          const full = resolveShortName(host, object.metadata.namespace, settings.domain);
          if (servicesByHost(services).has(full)) return [];
          const meant = meantBy(services, settings, host);
          if (meant === undefined) return [];
          const message = `means the host ${full} here, which no service has`;
          return [
            { code: codes.shortName, object, path: ["spec", "hosts", i], message, hint: `did you mean ${meant}?` },
          ];
        })
      : [],
);
