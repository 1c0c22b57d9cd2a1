import { byCodeUnit } from "../lib/index.ts";
import { egressListener, isPlain, onPorts, wholeVisible } from "./egress-listener.ts";
import { destinationsOf, importedServices, neededServices } from "./imports.ts";
import { egressOf, importsOf, type SidecarObject } from "./sidecar.ts";
import type { EgressListener, ScopedVirtualService, Service, VisibleService } from "./types.ts";

/** What an egress listener leads to, before it is a scope. */
export interface PartContent {
  readonly listener: EgressListener;
  readonly services: readonly VisibleService[]; // that it can be asked for, on its own ports
  readonly needed: readonly VisibleService[]; // that its rules send to beside those
  readonly virtualServices: readonly ScopedVirtualService[];
}

/** What is seen of the mesh: services by precedence, and how the client sees some of them. */
interface Sights {
  readonly services: readonly Service[];
  readonly see: (services: readonly Service[]) => readonly VisibleService[];
}

/**
 * What each egress listener of a Sidecar leads to; undefined where the Sidecar has nothing but hosts. A listener with a port leads to
 * services that have this port, and to that port of them only.
 * https://istio.io/latest/docs/reference/config/networking/sidecar/#IstioEgressListener
 */
export function egressParts(
  { services, see }: Sights,
  sidecar: SidecarObject,
  namespace: string,
  applied: readonly ScopedVirtualService[],
): readonly PartContent[] | undefined {
  const written = egressOf(sidecar);
  if (!written || written.every((spec) => isPlain(egressListener(spec)))) return undefined;
  return written.map((spec): PartContent => {
    const listener = egressListener(spec);
    const egress = importsOf(spec, namespace);
    const virtualServices = applied.filter(({ hosts, object }) =>
      hosts.some((host) => egress.importsRule(object.metadata.namespace, host)),
    );
    const imported = importedServices(services, namespace, egress);
    const needed = neededServices(services, namespace, virtualServices, imported);
    return {
      listener,
      services: see(imported).flatMap((visible) => onListener(visible, listener) ?? []),
      needed: see(needed).flatMap((visible) => onListener(visible, listener, virtualServices) ?? []),
      virtualServices,
    };
  });
}

/** The service as a listener leads to it: on the listener's port, and on those that rules name. */
function onListener(
  visible: VisibleService,
  { port, allPorts }: EgressListener,
  rules: readonly ScopedVirtualService[] = [],
): VisibleService | undefined {
  if (!port || allPorts) return visible;
  const named = rules.flatMap((rule) => [...(destinationsOf(rule).get(visible.service.hostname) ?? [])]);
  return onPorts(visible, new Set([port.number, ...named]));
}

/** All services of the listeners, one for each hostname, with the ports that any of them leads to; what can be asked for goes first. */
export function unionOf(parts: readonly PartContent[]): readonly VisibleService[] {
  const byHost = new Map<string, VisibleService>();
  for (const visible of [...parts.flatMap((part) => part.services), ...parts.flatMap((part) => part.needed)]) {
    const { hostname } = visible.service;
    const known = byHost.get(hostname);
    byHost.set(hostname, known ? joined(known, visible) : visible);
  }
  return [...byHost.values()].sort((a, b) => byCodeUnit(a.service.hostname, b.service.hostname));
}

/** Both are parts of one service; another namespace's service of the same name is not heeded. */
function joined(a: VisibleService, b: VisibleService): VisibleService {
  const whole = wholeVisible(a);
  if (a === b || whole.service !== wholeVisible(b).service) return a;
  return onPorts(whole, new Set([...a.service.ports, ...b.service.ports].map(({ number }) => number))) ?? a;
}
