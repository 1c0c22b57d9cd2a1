import { memo } from "../lib/index.ts";
import { isVisible } from "./export.ts";
import { servicesByHost } from "./registry.ts";
import type { Egress } from "./sidecar.ts";
import type { ScopedVirtualService, Service } from "./types.ts";

/** The service of several namespaces that a hostname means: that of the client's own, else the first by precedence that it sees. */
export function choose(
  candidates: readonly Service[], // by precedence
  namespace: string,
  wanted: (service: Service) => boolean = () => true,
): Service | undefined {
  const usable = candidates.filter((s) => isVisible(s.exportTo, s.namespace, namespace) && wanted(s));
  return usable.find((service) => service.namespace === namespace) ?? usable[0];
}

/** What an egress listener imports, by hostname. */
export function importedServices(services: readonly Service[], namespace: string, egress: Egress): readonly Service[] {
  return [...servicesByHost(services)].flatMap(
    ([host, candidates]) => choose(candidates, namespace, (service) => isImported(egress, service, host)) ?? [],
  );
}

/** By its own name, or by another one. */
function isImported(egress: Egress, { namespace, aliases = [] }: Service, host: string): boolean {
  return egress.imports(namespace, host) || aliases.some((alias) => egress.imports(alias.namespace, alias.hostname));
}

/** The destinations of rules that are not among the services imported: they could not be reached otherwise. By hostname. */
export function neededServices(
  services: readonly Service[],
  namespace: string,
  rules: readonly ScopedVirtualService[],
  imported: readonly Service[],
): readonly Service[] {
  const known = new Set(imported.flatMap(namesOf));
  const needed = new Set(rules.flatMap((rule) => [...destinationsOf(rule).keys()]).filter((host) => !known.has(host)));
  if (needed.size === 0) return [];
  return [...servicesByHost(services)].flatMap(([host, candidates]) =>
    needed.has(host) ||
    candidates.some((service) => service.aliases && namesOf(service).some((name) => needed.has(name)))
      ? (choose(candidates, namespace) ?? [])
      : [],
  );
}

function namesOf({ hostname, aliases = [] }: Service): string[] {
  return [hostname, ...aliases.map((alias) => alias.hostname)];
}

/** The hosts that a VirtualService sends to, each with the ports that it names there. */
export const destinationsOf = memo((rule: ScopedVirtualService): ReadonlyMap<string, ReadonlySet<number>> => {
  const hosts = new Map<string, Set<number>>();
  const add = ({ host, port }: { readonly host: string; readonly port?: { readonly number?: number } }): void => {
    const ports = hosts.get(host) ?? new Set();
    hosts.set(host, port?.number ? ports.add(port.number) : ports);
  };
  for (const { rule: http } of rule.http) {
    if (http.mirror) add(http.mirror);
    for (const mirror of http.mirrors ?? []) add(mirror.destination);
  }
  for (const { rule: any } of [...rule.http, ...rule.tls, ...rule.tcp]) {
    for (const route of any.route ?? []) add(route.destination);
  }
  return hosts;
});
