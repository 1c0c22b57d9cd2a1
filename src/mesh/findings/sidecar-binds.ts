import { memo, memo3 } from "../../lib/index.ts";
import { egressListener } from "../egress-listener.ts";
import { sidecarPorts } from "../own-ports.ts";
import { egressOf, importsOf, type SidecarObject } from "../sidecar.ts";
import type { EndpointSet, Service } from "../types.ts";
import { noWorkloads, selectedWorkloads, type WorkloadIndex } from "../workload.ts";
import { codes, type Finding } from "./finding.ts";

type Services = ReadonlyMap<Service, EndpointSet>;
type Ingress = NonNullable<SidecarObject["spec"]["ingress"]>[number];

/**
 * Listeners of Sidecars on an address and port that another listener of the same proxy has: Envoy can have one there, so they are left
 * out. https://istio.io/latest/docs/reference/config/networking/sidecar/#IstioIngressListener
 */
export const takenBinds = memo3(
  (workloads: WorkloadIndex, services: Services, sidecars: readonly SidecarObject[]): readonly Finding[] =>
    sidecars.flatMap((object) => [...ownPorts(object), ...takenIngress(workloads, services, object)]),
);

/** Ports that each sidecar has for itself. */
const ownPorts = memo((object: SidecarObject): readonly Finding[] => {
  const found = (kind: "ingress" | "egress", i: number, port: number): Finding => ({
    code: codes.takenBind,
    object,
    path: ["spec", kind, i, "port", "number"],
    message: `each sidecar has port ${port} for itself: this listener is left out`,
    hint: "use another port",
  });
  const ingress = (object.spec.ingress ?? []).flatMap((listener, i) => {
    const { number = 0 } = listener.port;
    return isBound(listener) && sidecarPorts.has(number) ? [found("ingress", i, number)] : [];
  });
  const egress = (egressOf(object) ?? []).flatMap((spec, i) => {
    const { port, bind, bound } = egressListener(spec);
    const isEverywhere = wildcards.has(bind) || bind === "";
    return port && (bound || isEverywhere) && sidecarPorts.has(port.number) ? [found("egress", i, port.number)] : [];
  });
  return [...ingress, ...egress];
});

const wildcards: ReadonlySet<string> = new Set(["0.0.0.0", "::"]);

function isBound({ captureMode = "DEFAULT" }: Ingress): boolean {
  return captureMode === "NONE";
}

function takenIngress(workloads: WorkloadIndex, services: Services, object: SidecarObject): readonly Finding[] {
  return (object.spec.ingress ?? []).flatMap((listener, i): Finding[] => {
    if (!isBound(listener)) return [];
    const addresses = addressesOf(workloads, object, listener);
    const by = egressOn(object, addresses, listener) ?? serviceOn(services, object, addresses, listener);
    if (by === undefined) return [];
    const message = `${by} has port ${listener.port.number} of this address already: this listener is left out`;
    const hint = "use another port or bind, or captureMode IPTABLES";
    return [{ code: codes.takenBind, object, path: ["spec", "ingress", i], message, hint }];
  });
}

/** Where the proxies listen: the address that is written, or their own. */
function addressesOf({ byNamespace }: WorkloadIndex, { metadata, spec }: SidecarObject, { bind = "" }: Ingress) {
  if (bind !== "" && !wildcards.has(bind)) return new Set([bind]);
  const all = byNamespace.get(metadata.namespace) ?? noWorkloads;
  const selected = spec.workloadSelector ? selectedWorkloads(all, spec.workloadSelector.labels) : all;
  return new Set(selected.flatMap(({ addresses }) => addresses));
}

function egressOn(object: SidecarObject, addresses: ReadonlySet<string>, { port }: Ingress): string | undefined {
  const i = (egressOf(object) ?? []).findIndex((spec) => {
    const { port: own, bind, bound } = egressListener(spec);
    return bound && own?.number === port.number && addresses.has(bind || "127.0.0.1");
  });
  return i < 0 ? undefined : `egress[${i}]`;
}

/** Clients of a headless service listen on the addresses of its pods, and these pods are clients too. */
function serviceOn(services: Services, object: SidecarObject, addresses: ReadonlySet<string>, { port }: Ingress) {
  const written = egressOf(object);
  const { namespace } = object.metadata;
  for (const [service, { endpoints }] of services) {
    const isThere = service.ports.some(({ number, protocol }) => number === port.number && listens.has(protocol));
    if (!isThere || service.resolution !== "NONE" || service.addresses.length > 0) continue;
    if (written?.every((spec) => !importsOf(spec, namespace).imports(service.namespace, service.hostname))) continue;
    if (endpoints.some(({ address }) => addresses.has(address))) return `the headless service ${service.hostname}`;
  }
  return undefined;
}

/** Protocols that have a listener for each address: those of HTTP share the wildcard. */
const listens: ReadonlySet<string> = new Set(["AUTO", "TCP", "TLS", "HTTPS", "MONGO", "MYSQL", "REDIS"]);
