import { byCodeUnit, memoNamed } from "../lib/index.ts";
import type { MeshObject } from "../model/index.ts";
import type { MeshSettings, Service, ServiceAlias } from "./types.ts";

type ServiceObject = MeshObject<"Service">;

/** Whether a Kubernetes Service is nothing but another name. */
export function isAlias({ spec }: ServiceObject): boolean {
  return spec.type === "ExternalName";
}

/**
 * The services with the further names that ExternalNames of Kubernetes give them, over several steps too. As on Istio they are no services of their
 * own: what is called by one is the service that has the host, with its policy and its mTLS, on its ports; where the mesh knows no such host, the
 * name is nobody's. https://kubernetes.io/docs/concepts/services-networking/service/#externalname
 */
export function withAliases(
  services: readonly Service[],
  objects: readonly ServiceObject[],
  { domain }: MeshSettings,
): readonly Service[] {
  const aliases = objects.filter(isAlias).map(({ metadata: { name, namespace }, spec }) => ({
    alias: { hostname: `${name}.${namespace}.svc.${domain}`, namespace },
    target: (spec.externalName ?? "").toLowerCase().replace(/\.$/, ""),
  }));
  if (aliases.length === 0) return services;
  const targets = new Map(aliases.map(({ alias, target }) => [alias.hostname, target]));
  const byHost = Map.groupBy(aliases, ({ target }) => lastOf(targets, target));
  return services.map((service) => {
    const own = byHost.get(service.hostname)?.map(({ alias }) => alias) ?? [];
    const sorted = own.sort((a, b) => byCodeUnit(a.hostname, b.hostname));
    return own.length === 0 ? service : aliased(service, JSON.stringify(sorted));
  });
}

/** Where a chain of names ends; anywhere on it, where it goes round. */
function lastOf(targets: ReadonlyMap<string, string>, first: string): string {
  let name = first;
  for (let steps = 0; steps < targets.size; steps++) {
    const next = targets.get(name);
    if (next === undefined) return name;
    name = next;
  }
  return name;
}

/** The same object for the same service and names. */
const aliased = memoNamed((service: Service, aliases: string): Service =>
  Object.freeze({ ...service, aliases: Object.freeze(JSON.parse(aliases) as ServiceAlias[]) }),
);

/** Whether a service is meant by a name: its own or another one. */
export function isNamed({ hostname, aliases }: Service, host: string): boolean {
  return hostname === host || aliases?.some((alias) => alias.hostname === host) === true;
}
