import { byCodeUnit, memo } from "../lib/index.ts";
import type { MeshObject } from "../model/index.ts";
import { workloadMtls, type PeerAuthenticationIndex } from "./peer-authentication.ts";
import { fromPool, type Pool } from "./pool.ts";
import { rateLimitsFor } from "./rate-limit.ts";
import type { Hit } from "./served.ts";
import { keepList, sameContent, sameItems } from "./sharing.ts";
import type { SidecarObject } from "./sidecar.ts";
import { ingressCredentials, listenerPorts } from "./inbound-listener.ts";
import type { Inbound, InboundPort, MeshSettings, Proxy, Service } from "./types.ts";

/** What inbound sides are made of besides the endpoints that a workload is: the same object over the snapshots in which none of it changes. */
export interface InboundSource {
  readonly peerAuthentications: PeerAuthenticationIndex;
  readonly settings: MeshSettings;
  readonly services: readonly Service[]; // which an inbound side holds
  readonly sidecars: readonly SidecarObject[]; // in order of precedence; they limit both sides
  readonly rateLimits: readonly MeshObject<"RateLimit">[];
  readonly inbounds: Pool<Inbound>;
}

/** What is served on a workload, by the endpoints it is; replicas that are served alike get the same object, and so do later snapshots. */
export function inboundFor(
  source: InboundSource,
  hits: readonly Hit[],
  proxy: Proxy,
  sidecar: SidecarObject | undefined,
): Inbound {
  const mtls = workloadMtls(source.peerAuthentications, proxy.namespace, proxy.labels);
  const served = portsOf(hits);
  const ports = (sidecar?.spec.ingress?.length ? listenerPorts(sidecar, served) : served).map((port): InboundPort => {
    return { ...port, mtls: mtls.ports.get(port.port) ?? mtls.mode };
  });
  const portMtls = [...mtls.ports].filter(([port]) => !ports.some((served) => served.port === port));
  const next: Inbound = {
    ports,
    mtls: mtls.mode,
    portMtls: Object.fromEntries(portMtls),
    peerAuthentications: mtls.policies,
    rateLimits: rateLimitsFor(source.rateLimits, source.settings, proxy).filter(
      ({ service }) => !service || !hits.some((hit) => hit.service.hostname === service.host), // who counts is not counted: it would ask itself
    ),
    ...(sidecar && { sidecar: sidecar.spec }),
    credentials: sidecar ? ingressCredentials(sidecar) : none,
  };
  return fromPool(source.inbounds, nameOf(proxy.namespace, next, sidecar), (old) => keepInbound(old, next));
}

const none: readonly [] = Object.freeze([]);

/** Names everything that tells two inbounds of one snapshot apart. */
function nameOf(namespace: string, inbound: Inbound, sidecar: SidecarObject | undefined): string {
  return JSON.stringify([
    namespace,
    inbound.ports.map((p) => [p.port, p.mtls, p.service.hostname, p.servicePort.number]),
    inbound.mtls,
    Object.entries(inbound.portMtls),
    inbound.peerAuthentications.map(({ metadata }) => [metadata.namespace, metadata.name]),
    inbound.rateLimits.map(({ object: { metadata } }) => [metadata.namespace, metadata.name]),
    sidecar && [sidecar.metadata.namespace, sidecar.metadata.name],
  ]);
}

function keepInbound(old: Inbound | undefined, next: Inbound): Inbound {
  const ports = keepList(
    old?.ports,
    next.ports.map((port, i) => {
      const before = old?.ports[i];
      return before && sameItems(Object.values(before), Object.values(port)) ? before : Object.freeze(port);
    }),
  );
  const same =
    old &&
    old.ports === ports &&
    old.mtls === next.mtls &&
    old.sidecar === next.sidecar &&
    old.credentials === next.credentials &&
    sameContent(old.portMtls, next.portMtls) &&
    sameItems(old.peerAuthentications, next.peerAuthentications) &&
    sameItems(old.rateLimits, next.rateLimits);
  return same ? old : Object.freeze({ ...next, ports });
}

/** The workload's ports that services name. */
const portsOf = memo((hits: readonly Hit[]): readonly Omit<InboundPort, "mtls">[] => {
  const ports = new Map<number, Omit<InboundPort, "mtls">>();
  for (const { service, endpoint } of hits) {
    for (const servicePort of service.ports) {
      if (servicePort.protocol === "UDP" || !Object.hasOwn(endpoint.ports, servicePort.name)) continue;
      const port = endpoint.ports[servicePort.name] ?? 0;
      const known = ports.get(port);
      if (known && byName(known.service, service) <= 0) continue;
      ports.set(port, { port, protocol: servicePort.protocol, service, servicePort });
    }
  }
  return [...ports.values()].sort((a, b) => a.port - b.port);
});

function byName(a: Service, b: Service): number {
  return byCodeUnit(a.name, b.name) || byCodeUnit(a.hostname, b.hostname);
}
