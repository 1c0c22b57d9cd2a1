import { memo, memoNamed } from "../../lib/index.ts";
import type { MeshObject } from "../../model/index.ts";
import { selects } from "../labels.ts";
import { ofKind } from "../objects.ts";
import { fromPool } from "../pool.ts";
import { keepList, sameItems } from "../sharing.ts";
import type { SnapshotIndex } from "../snapshot-index.ts";
import type {
  BoundVirtualService,
  Credential,
  GatewayListener,
  GatewayServer,
  GatewayView,
  Inbound,
  Proxy,
} from "../types.ts";
import { scopedVirtualService } from "../virtual-service-scope.ts";
import { visibleVirtualServices, type ResolvedVirtualService } from "../virtual-service.ts";
import { credentialsFor } from "./credentials.ts";
import { secretLookup } from "./secret-lookup.ts";
import { commonHosts, hostsOpenTo, withoutNamespace } from "./hosts.ts";
import { mergeServers, type ServerPlace } from "./merge.ts";
import { topologyFor } from "./topology.ts";

type GatewayObject = MeshObject<"Gateway">;

/**
 * What a gateway serves: the Gateways of any namespace whose selector its labels answer, with the VirtualServices bound to them that
 * its namespace sees. Equal gateways get the same listeners, over snapshots too while nothing of them changes.
 * https://istio.io/latest/docs/reference/config/networking/gateway/
 */
export function gatewayFor(index: SnapshotIndex, proxy: Proxy, inbound: Inbound): GatewayView {
  const selected = ofKind(index.objects, "Gateway").filter(({ spec }) => selects(spec.selector ?? {}, proxy.labels));
  const lookup = secretLookup(index, proxy);
  const credentials = new Map<string, Credential>();
  const { listeners } = mergeServers(selected, portResolver(inbound));
  const served = listeners.map(({ port, bind, servers }) => {
    const usable = servers.flatMap((server): Usable[] => {
      const found = credentialsFor(server.spec.tls, proxy.namespace, lookup);
      if (found.fault) return [];
      for (const credential of found.credentials) credentials.set(credential.name, credential);
      return [{ server, certificates: found.certificates, roots: found.roots }];
    });
    return { port, bind, usable };
  });
  const key = JSON.stringify([
    proxy.namespace,
    Object.entries(proxy.labels).sort(([a], [b]) => (a < b ? -1 : 1)),
    served.map(({ port, bind, usable }) => [port, bind, usable.map(({ server }) => placeName(server))]),
  ]);
  const visible = visibleVirtualServices(index.virtualServices.all, proxy.namespace);
  const topology = topologyFor(index.sight.settings, index.workloads.byName.get(`${proxy.name}.${proxy.namespace}`));
  return Object.freeze({
    ...(topology && { topology }),
    listeners: fromPool(index.gateways, key, (old) =>
      keepListeners(
        old,
        served.map(({ port, bind, usable }) => {
          return { port, bind, servers: usable.map((one) => serverFor(one, proxy, visible)) };
        }),
      ),
    ),
    credentials: Object.freeze([...credentials.values()]),
  });
}

interface Usable {
  readonly server: ServerPlace;
  readonly certificates: readonly string[];
  readonly roots: string;
}

function placeName({ object, index }: ServerPlace): string {
  return `${object.metadata.namespace}/${object.metadata.name}/${index}`;
}

/** On a Service of the gateway's pods that says so, Gateways name the pods' ports instead of the Service's. */
const noTranslation = "experimental.istio.io/disable-gateway-port-translation";

/** A Gateway names the port of the gateway's Service, whose target the proxy listens on; without a Service, the port itself. */
function portResolver({ ports }: Inbound): (written: number) => number {
  return (written) => {
    const hit = ports.find(({ servicePort }) => servicePort.number === written);
    return hit && !Object.hasOwn(hit.service.labels, noTranslation) ? hit.port : written;
  };
}

function serverFor(
  { server, certificates, roots }: Usable,
  { namespace, labels }: Proxy,
  visible: readonly ResolvedVirtualService[],
): GatewayServer {
  const { object, index, spec, protocol } = server;
  const gateway = `${object.metadata.namespace}/${object.metadata.name}`;
  const bound = boundTo(visible, gateway).flatMap((resolved): BoundVirtualService[] => {
    const open = hostsOpenTo(spec.hosts, object.metadata.namespace, resolved.namespace);
    const hosts = commonHosts(open, resolved.hosts);
    const virtualService = hosts.length > 0 && scopedVirtualService(resolved, { namespace, labels, gateway });
    return virtualService ? [{ virtualService, hosts }] : [];
  });
  return {
    object,
    index,
    port: spec.port.number,
    portName: spec.port.name,
    protocol,
    hosts: hostsOf(object)[index] ?? [],
    ...(spec.tls && { tls: spec.tls }),
    certificates,
    roots,
    bound,
  };
}

const hostsOf = memo(({ spec }: GatewayObject): readonly (readonly string[])[] =>
  (spec.servers ?? []).map(({ hosts }) => Object.freeze([...new Set(hosts.map(withoutNamespace))])),
);

const boundTo = memoNamed((visible: readonly ResolvedVirtualService[], gateway: string) =>
  visible.filter(({ gateways }) => gateways.includes(gateway)),
);

/** Listeners, servers and bindings that say the same as before stay the same objects. */
function keepListeners(
  old: readonly GatewayListener[] | undefined,
  next: readonly GatewayListener[],
): readonly GatewayListener[] {
  return keepList(
    old,
    next.map((listener, i) => {
      const before = old?.[i];
      const servers = keepList(
        before?.servers,
        listener.servers.map((server, j) => keepServer(before?.servers[j], server)),
      );
      return before?.servers === servers ? before : Object.freeze({ ...listener, servers });
    }),
  );
}

function keepServer(old: GatewayServer | undefined, next: GatewayServer): GatewayServer {
  const bound = keepList(
    old?.bound,
    next.bound.map((one, i) => {
      const before = old?.bound[i];
      const same = before?.virtualService === one.virtualService && sameItems(before.hosts, one.hosts);
      return same ? before : Object.freeze(one);
    }),
  );
  const same = old?.object === next.object && old.bound === bound && sameItems(old.certificates, next.certificates);
  return same && old.roots === next.roots ? old : Object.freeze({ ...next, bound });
}
