import type { BinaryWriter } from "@bufbuild/protobuf/wire";
import { RouteConfiguration } from "../../../generated/envoy/config/route/v3/route.ts";
import { ApiVersion } from "../../../generated/envoy/config/core/v3/config_source.ts";
import { memo, memo2, memoNamed, patchMap, replacements } from "../../lib/index.ts";
import type { MeshSettings, Scope } from "../../mesh/index.ts";
import { onDemandClusters } from "../http/index.ts";
import { memoList } from "../memo-list.ts";
import { type Codec, encodeResource, type Resource, type ResourceMap } from "../resource.ts";
import { isForAllPorts } from "../names.ts";
import { maxDirectResponseBytes } from "./direct-response.ts";
import { routesFor } from "./routes.ts";
import { standInFor } from "./stand-in.ts";
import { inlineVirtualHost, provenanceOf, type VirtualHostInput, virtualHostResource } from "./virtual-host.ts";

/** Route configurations by name and, where they travel one by one, their virtual hosts. */
export interface RouteResources {
  readonly rds: ResourceMap;
  readonly vhds: ResourceMap;
}

/** How virtual hosts travel, and whether clusters come when a request needs them. */
export interface RouteStyle {
  readonly vhds: boolean;
  readonly onDemand?: boolean; // false
}

/**
 * The outbound routes of a scope, the same object for all scopes that see the same. With `vhds`, for delta streams, route configurations are
 * empty and every virtual host, the catch-all included, is a resource; else they hold the same virtual hosts under Istio's names.
 * Virtual hosts are the same resources whether clusters come on demand or not.
 * https://www.envoyproxy.io/docs/envoy/v1.40.0/configuration/http/http_conn_man/vhds
 */
export function routeConfigurations(scope: Scope, { vhds, onDemand = false }: RouteStyle): RouteResources {
  const builders = vhds ? apart : together;
  return (onDemand ? builders.onDemand : builders.eager)(standInFor(scope));
}

const apart = { eager: byVirtualHost(false), onDemand: byVirtualHost(true) };
const together = { eager: whole(false), onDemand: whole(true) };

function byVirtualHost(onDemand: boolean): (scope: Scope) => RouteResources {
  const empty = emptyConfiguration(onDemand);
  return memo((scope) => {
    const routes = [...routesFor(scope)];
    const rds = routes.map(([name]) => empty(scope.settings, name));
    const vhds = routes.flatMap(([, hosts]) => hosts.map(virtualHostResource));
    return kept(scope, onDemand ? "apart, on demand" : "apart", rds, vhds);
  });
}

function whole(onDemand: boolean): (scope: Scope) => RouteResources {
  const encode = encodeWhole(onDemand);
  return memo((scope) => {
    const rds = [...routesFor(scope).values()].map(encode);
    return kept(scope, onDemand ? "together, on demand" : "together", rds, []);
  });
}

type Form = "apart" | "together" | "apart, on demand" | "together, on demand";
/** A map, and the list that it was made of. */
interface Listed {
  readonly list: readonly Resource[];
  readonly map: ResourceMap;
}
type Latest = Partial<Record<Form, Readonly<Record<"rds" | "vhds", Listed>>>>;
const noSidecar = Object.freeze({});
const latest = memo2((_settings: MeshSettings, _sidecar: object) => new Map<string, Latest>());

/** The maps of the scope that this one follows, where nothing in them has changed: most edits of a mesh leave the routes alone. */
function kept(
  { settings, sidecar, namespace }: Scope,
  form: Form,
  rds: readonly Resource[],
  vhds: readonly Resource[],
): RouteResources {
  const known = latest(settings, sidecar ?? noSidecar);
  const last = known.get(namespace);
  const next = { rds: keepMap(last?.[form]?.rds, rds), vhds: keepMap(last?.[form]?.vhds, vhds) };
  known.set(namespace, { ...last, [form]: next });
  return { rds: next.rds.map, vhds: next.vhds.map };
}

/** The same map while each resource is; patched, where only some of them say something else. */
function keepMap(previous: Listed | undefined, list: readonly Resource[]): Listed {
  const changes = previous && replacements(previous.list, list);
  const isPatched = changes?.every(({ old, item }) => old.name === item.name);
  if (!previous || !changes || !isPatched)
    return { list, map: new Map(list.map((resource) => [resource.name, resource])) };
  return {
    list,
    map: patchMap(
      previous.map,
      changes.map(({ item }) => [item.name, item] as const),
    ),
  };
}

/** `initial_fetch_timeout` 0: until the virtual hosts are there nothing is let through, above all not to Passthrough. */
export function emptyConfiguration(onDemand: boolean): (settings: MeshSettings, name: string) => Resource {
  const configSource = { ads: {}, resourceApiVersion: ApiVersion.V3, initialFetchTimeout: { seconds: 0, nanos: 0 } };
  return memoNamed((_settings, name) => {
    const message = RouteConfiguration.fromPartial({ ...settingsOf(name, onDemand), vhds: { configSource } });
    return encodeResource("rds", name, RouteConfiguration, message, []);
  });
}

export function encodeWhole(onDemand: boolean): (hosts: readonly VirtualHostInput[]) => Resource {
  return memoList((hosts) => {
    const name = hosts[0]?.routeName ?? "";
    return encodeResource("rds", name, withVirtualHosts, { name, hosts, onDemand }, hosts.flatMap(provenanceOf));
  });
}

/** Writes virtual hosts that were encoded before behind the other fields: one change costs one encoding. */
const withVirtualHosts: Codec<{ name: string; hosts: readonly VirtualHostInput[]; onDemand: boolean }> = {
  $type: RouteConfiguration.$type,
  encode: ({ name, hosts, onDemand }): BinaryWriter => {
    const writer = RouteConfiguration.encode(RouteConfiguration.fromPartial(settingsOf(name, onDemand)));
    for (const host of hosts) writer.uint32(virtualHostsTag).bytes(inlineVirtualHost(host));
    return writer;
  },
};

const virtualHostsTag = (2 << 3) | 2; // RouteConfiguration.virtual_hosts = 2, length-delimited

/** A cluster that is not there fails its own route; ports in `Host` do not count. */
function settingsOf(name: string, onDemand: boolean): Partial<RouteConfiguration> {
  return {
    name,
    validateClusters: false,
    maxDirectResponseBodySizeBytes: maxDirectResponseBytes,
    ignorePortInHostMatching: !isForAllPorts(name),
    ...(onDemand && { typedPerFilterConfig: onDemandClusters }),
  };
}
