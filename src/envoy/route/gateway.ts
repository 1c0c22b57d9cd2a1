import { memo2 } from "../../lib/index.ts";
import type { GatewayListener, GatewayServer, MeshSettings, Scope, VisibleService } from "../../mesh/index.ts";
import { memoList } from "../memo-list.ts";
import { gatewayRouteName, isHttp } from "../names.ts";
import type { Resource, ResourceMap } from "../resource.ts";
import { emptyConfiguration, encodeWhole, type RouteResources } from "./configuration.ts";
import { singleDomain } from "./domains.ts";
import { gatewayHostInput } from "./virtual-host-input.ts";
import { type GatewayHost, type VirtualHostInput, virtualHostResource } from "./virtual-host.ts";

const emptyRoutes = emptyConfiguration(false);
const encode = encodeWhole(false);

type Mutable = { virtualServices: GatewayHost["virtualServices"][number][]; httpsOnly: boolean };

/**
 * The route configurations of a gateway: one for all plain HTTP of a port, and one for each server that ends TLS. Its hosts are those that
 * a server and a VirtualService bound to it have in common; any other host gets 404.
 * https://istio.io/latest/docs/reference/config/networking/gateway/#Server-hosts
 */
export function gatewayRoutes(
  scope: Scope,
  listeners: readonly GatewayListener[],
  options: { readonly vhds: boolean },
): RouteResources {
  const hosts = hostsOf({ settings: scope.settings, byHostname: scope.byHostname }, listeners);
  return options.vhds
    ? resources(
        hosts.map(({ rds }) => rds),
        hosts.flatMap((one) => one.inputs.map(virtualHostResource)),
      )
    : resources(
        hosts.map(({ inputs }) => encode(inputs)),
        [],
      );
}

interface Configuration {
  readonly rds: Resource;
  readonly inputs: readonly VirtualHostInput[]; // never empty, or Envoy waits for ever
}

type Mesh = Pick<Scope, "settings" | "byHostname">;

function hostsOf(mesh: Mesh, listeners: readonly GatewayListener[]): readonly Configuration[] {
  return configurations(mesh.settings, mesh.byHostname)(listeners);
}

const configurations = memo2((settings: MeshSettings, byHostname: ReadonlyMap<string, VisibleService>) => {
  const known = new WeakMap<readonly GatewayListener[], readonly Configuration[]>();
  return (listeners: readonly GatewayListener[]): readonly Configuration[] => {
    let made = known.get(listeners);
    if (!made) known.set(listeners, (made = listeners.flatMap((one) => build({ settings, byHostname }, one))));
    return made;
  };
});

function build(mesh: Mesh, listener: GatewayListener): Configuration[] {
  const plain = listener.servers.filter(({ protocol }) => isHttp(protocol));
  const groups: [string, readonly GatewayServer[]][] = [
    ...(plain.length > 0 ? [[gatewayRouteName(listener), plain] as [string, GatewayServer[]]] : []),
    ...listener.servers
      .filter(endsHttps)
      .map((server): [string, GatewayServer[]] => [gatewayRouteName(listener, server), [server]]),
  ];
  return groups.map(([name, servers]) => ({
    rds: emptyRoutes(mesh.settings, name),
    inputs: hostInputs(mesh, name, servers),
  }));
}

/** Whether a server ends TLS and reads the HTTP inside. */
export function endsHttps({ protocol, tls }: GatewayServer): boolean {
  const { mode = "PASSTHROUGH" } = tls ?? {};
  return protocol === "HTTPS" && mode !== "PASSTHROUGH" && mode !== "AUTO_PASSTHROUGH";
}

function hostInputs(mesh: Mesh, routeName: string, servers: readonly GatewayServer[]): VirtualHostInput[] {
  const hosts = new Map<string, Mutable>();
  const at = (host: string): Mutable => {
    const known = hosts.get(host) ?? { virtualServices: [], httpsOnly: false };
    hosts.set(host, known);
    return known;
  };
  for (const server of servers) {
    const redirects = server.tls?.httpsRedirect === true && isHttp(server.protocol);
    for (const { virtualService, hosts: common } of server.bound) {
      if (virtualService.http.length === 0) continue;
      for (const host of common) {
        const known = at(host);
        if (!known.virtualServices.includes(virtualService)) known.virtualServices.push(virtualService);
        known.httpsOnly ||= redirects;
      }
    }
    if (redirects) for (const host of server.hosts) at(host).httpsOnly = true;
  }
  const port = servers[0]?.port ?? 0;
  const inputFor = (host: string, gateway: GatewayHost): VirtualHostInput => {
    const domains = singleDomain(mesh.settings, host.includes(":") ? `[${host}]` : host);
    return gatewayHostInput({ ...mesh, routeName, host, port, domains }, gateway);
  };
  const inputs = [...hosts].map(([host, gateway]) => inputFor(host, gateway));
  return hosts.has("*") ? inputs : [...inputs, inputFor("*", nobody)];
}

/**
 * What Istio calls blackhole: no route, so 404. Named as a VirtualService for every host would be: one name for one domain, for
 * Envoy adds virtual hosts before it removes others, and refuses two with the same domain even for a moment.
 */
const nobody: GatewayHost = Object.freeze({ virtualServices: Object.freeze([]), httpsOnly: false });

function resources(rds: readonly Resource[], vhds: readonly Resource[]): RouteResources {
  return { rds: mapOf(rds), vhds: mapOf(vhds) };
}

const mapOf = memoList(
  (list: readonly Resource[]): ResourceMap => new Map(list.map((resource) => [resource.name, resource])),
);
