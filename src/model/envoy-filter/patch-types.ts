import type { EnvoyFilterSpec } from "../types.ts";

/** One entry of `configPatches`. */
export type ConfigPatch = NonNullable<EnvoyFilterSpec["configPatches"]>[number];
export type ApplyTo = NonNullable<ConfigPatch["applyTo"]>;
export type PatchOperation = NonNullable<NonNullable<ConfigPatch["patch"]>["operation"]>;

/** The message that a patch's value is (part of), for each thing that can be patched at run time. */
export const patchTypes: Partial<Record<ApplyTo, string>> = {
  LISTENER: "envoy.config.listener.v3.Listener",
  LISTENER_FILTER: "envoy.config.listener.v3.ListenerFilter",
  FILTER_CHAIN: "envoy.config.listener.v3.FilterChain",
  NETWORK_FILTER: "envoy.config.listener.v3.Filter",
  HTTP_FILTER: "envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter",
  ROUTE_CONFIGURATION: "envoy.config.route.v3.RouteConfiguration",
  VIRTUAL_HOST: "envoy.config.route.v3.VirtualHost",
  HTTP_ROUTE: "envoy.config.route.v3.Route",
  CLUSTER: "envoy.config.cluster.v3.Cluster",
  EXTENSION_CONFIG: "envoy.config.core.v3.TypedExtensionConfig",
};

const inserts: readonly PatchOperation[] = ["ADD", "INSERT_BEFORE", "INSERT_AFTER", "INSERT_FIRST"];
const filters: readonly PatchOperation[] = ["MERGE", "REMOVE", "REPLACE", ...inserts];

/** What may be done with each of them; an operation that is not here changes nothing, as on Istio. */
export const patchOperations: Partial<Record<ApplyTo, readonly PatchOperation[]>> = {
  LISTENER: ["MERGE", "REMOVE", "ADD"],
  LISTENER_FILTER: ["REMOVE", "REPLACE", ...inserts],
  FILTER_CHAIN: ["MERGE", "REMOVE", "ADD"],
  NETWORK_FILTER: filters,
  HTTP_FILTER: filters,
  ROUTE_CONFIGURATION: ["MERGE"],
  VIRTUAL_HOST: ["MERGE", "REMOVE", "REPLACE", "ADD"],
  HTTP_ROUTE: ["MERGE", "REMOVE", ...inserts],
  CLUSTER: ["MERGE", "REMOVE", "ADD"],
  EXTENSION_CONFIG: ["ADD"],
};
