import type { JsonObject } from "../decode.ts";
import { withList } from "./json-list.ts";
import { merge } from "./merge.ts";
import type { Patch, PatchRun } from "./patch.ts";
import { patchList } from "./patch-list.ts";
import { hasRoute, isRoute, isRouteConfiguration, isVirtualHost } from "./route-match.ts";

/** A route configuration after all patches to it and to the virtual hosts that it holds; `ownHosts`: they travel by themselves. */
export function patchRouteConfiguration(given: JsonObject, run: PatchRun, ownHosts = false): JsonObject {
  const name = nameOf(given);
  let configuration = given;
  for (const patch of run.of("ROUTE_CONFIGURATION")) {
    if (patch.operation !== "MERGE" || !isRouteConfiguration(name, patch, run.context)) continue;
    run.used.add(patch);
    configuration = merge(configuration, patch.value);
  }
  return withList(configuration, "virtualHosts", (hosts) => [
    ...hosts.map((host) => patchVirtualHost(name, host, run)).filter((host) => host !== undefined),
    ...(ownHosts ? [] : addedHosts(name, run).map(({ value }) => value)),
  ]);
}

/** The patches that add virtual hosts to a route configuration. */
export function addedHosts(name: string, run: PatchRun): readonly Patch[] {
  const added = run
    .of("VIRTUAL_HOST")
    .filter((patch) => patch.operation === "ADD" && isRouteConfiguration(name, patch, run.context));
  for (const patch of added) run.used.add(patch);
  return added;
}

/** A virtual host of a route configuration after all patches; undefined where one removes it. Its name stays: Envoy finds it by that. */
export function patchVirtualHost(configuration: string, given: JsonObject, run: PatchRun): JsonObject | undefined {
  let host = given;
  for (const patch of run.of("VIRTUAL_HOST")) {
    if (!isRouteConfiguration(configuration, patch, run.context) || !isVirtualHost(host, patch)) continue;
    if (patch.operation === "REMOVE") return undefined;
    if (patch.operation !== "MERGE" && patch.operation !== "REPLACE") continue;
    run.used.add(patch);
    host = patch.operation === "MERGE" ? merge(host, patch.value) : patch.value;
  }
  const name = given["name"];
  host = name === undefined || !nameOf(given).includes("/") ? host : { ...host, name };
  return withList(host, "routes", (routes) => patchRoutes(configuration, host, routes, run));
}

function patchRoutes(
  configuration: string,
  host: JsonObject,
  routes: readonly JsonObject[],
  run: PatchRun,
): readonly JsonObject[] {
  const patches = run
    .of("HTTP_ROUTE")
    .filter((patch) => isRouteConfiguration(configuration, patch, run.context) && isVirtualHost(host, patch));
  const {
    REMOVE: removals = [],
    MERGE: merges = [],
    ...others
  } = Object.groupBy(patches, ({ operation }) => operation);
  const onUse = (patch: Patch): void => void run.used.add(patch);
  const plan = { here: () => true, targets: hasRoute, is: isRoute, onUse, removesAll: true };
  const merged = patchList(routes, removals, plan).map((route) =>
    merges.reduce((result, patch) => {
      if (!isRoute(result, patch)) return result;
      onUse(patch);
      return merge(result, patch.value);
    }, route),
  );
  const added = patches.filter(({ operation }) => Object.hasOwn(others, operation));
  return patchList(merged, added, { ...plan, here: (patch) => !startsAtNone(merged, patch) });
}

/** As on Istio, a route goes to the front only if the one that it names is there. */
function startsAtNone(routes: readonly JsonObject[], patch: Patch): boolean {
  return patch.operation === "INSERT_FIRST" && hasRoute(patch) && !routes.some((route) => isRoute(route, patch));
}

function nameOf({ name }: JsonObject): string {
  return typeof name === "string" ? name : "";
}
