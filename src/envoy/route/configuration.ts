import type { BinaryWriter } from "@bufbuild/protobuf/wire";
import { RouteConfiguration } from "../../../generated/envoy/config/route/v3/route.ts";
import { ApiVersion } from "../../../generated/envoy/config/core/v3/config_source.ts";
import { memo, memo2, memoNamed } from "../../lib/index.ts";
import type { MeshSettings, Scope } from "../../mesh/index.ts";
import { memoList } from "../memo-list.ts";
import { type Codec, encodeResource, type Resource, type ResourceMap } from "../resource.ts";
import { maxDirectResponseBytes } from "./direct-response.ts";
import { routesFor } from "./routes.ts";
import { standInFor } from "./stand-in.ts";
import { inlineVirtualHost, provenanceOf, type VirtualHostInput, virtualHostResource } from "./virtual-host.ts";

/** Route configurations by name and, where they travel one by one, their virtual hosts. */
export interface RouteResources {
  readonly rds: ResourceMap;
  readonly vhds: ResourceMap;
}

/**
 * The outbound routes of a scope, the same object for all scopes that see the same. With `vhds`, for delta streams, route configurations are
 * empty and every virtual host, the catch-all included, is a resource; else they hold the same virtual hosts under Istio's names.
 * https://www.envoyproxy.io/docs/envoy/v1.40.0/configuration/http/http_conn_man/vhds
 */
export function routeConfigurations(scope: Scope, options: { readonly vhds: boolean }): RouteResources {
  const standIn = standInFor(scope);
  return options.vhds ? byVirtualHost(standIn) : whole(standIn);
}

const byVirtualHost = memo((scope: Scope): RouteResources => {
  const routes = [...routesFor(scope)];
  const rds = routes.map(([name]) => emptyConfiguration(scope.settings, name));
  return kept(
    scope,
    "apart",
    rds,
    routes.flatMap(([, hosts]) => hosts.map(virtualHostResource)),
  );
});

const whole = memo((scope: Scope): RouteResources => {
  const rds = [...routesFor(scope).values()].map(encodeWhole);
  return kept(scope, "together", rds, []);
});

type Latest = Partial<Record<"apart" | "together", RouteResources>>;
const noSidecar = Object.freeze({});
const latest = memo2((_settings: MeshSettings, _sidecar: object) => new Map<string, Latest>());

/** The maps of the scope that this one follows, where nothing in them has changed: most edits of a mesh leave the routes alone. */
function kept(
  { settings, sidecar, namespace }: Scope,
  form: keyof Latest,
  rds: readonly Resource[],
  vhds: readonly Resource[],
): RouteResources {
  const known = latest(settings, sidecar ?? noSidecar);
  const last = known.get(namespace);
  const next = { rds: keepMap(last?.[form]?.rds, rds), vhds: keepMap(last?.[form]?.vhds, vhds) };
  known.set(namespace, { ...last, [form]: next });
  return next;
}

function keepMap(previous: ResourceMap | undefined, list: readonly Resource[]): ResourceMap {
  const isSame = previous?.size === list.length && list.every((resource) => previous.get(resource.name) === resource);
  return previous && isSame ? previous : new Map(list.map((resource) => [resource.name, resource]));
}

/** `initial_fetch_timeout` 0: until the virtual hosts are there nothing is let through, above all not to Passthrough. */
const emptyConfiguration = memoNamed((_settings: MeshSettings, name: string): Resource => {
  const configSource = { ads: {}, resourceApiVersion: ApiVersion.V3, initialFetchTimeout: { seconds: 0, nanos: 0 } };
  const message = RouteConfiguration.fromPartial({ ...settingsOf(name), vhds: { configSource } });
  return encodeResource("rds", name, RouteConfiguration, message, []);
});

const encodeWhole = memoList((hosts: readonly VirtualHostInput[]): Resource => {
  const name = hosts[0]?.routeName ?? "";
  return encodeResource("rds", name, withVirtualHosts, { name, hosts }, hosts.flatMap(provenanceOf));
});

/** Writes virtual hosts that were encoded before behind the other fields: one change costs one encoding. */
const withVirtualHosts: Codec<{ name: string; hosts: readonly VirtualHostInput[] }> = {
  $type: RouteConfiguration.$type,
  encode: ({ name, hosts }): BinaryWriter => {
    const writer = RouteConfiguration.encode(RouteConfiguration.fromPartial(settingsOf(name)));
    for (const host of hosts) writer.uint32(virtualHostsTag).bytes(inlineVirtualHost(host));
    return writer;
  },
};

const virtualHostsTag = (2 << 3) | 2; // RouteConfiguration.virtual_hosts = 2, length-delimited

/** A cluster that is not there fails its own route; ports in `Host` do not count. */
function settingsOf(name: string): Partial<RouteConfiguration> {
  return {
    name,
    validateClusters: false,
    maxDirectResponseBodySizeBytes: maxDirectResponseBytes,
    ignorePortInHostMatching: true,
  };
}
