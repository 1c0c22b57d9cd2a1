import { isObject, type JsonObject } from "../decode.ts";
import { connectionManagerName } from "../http/index.ts";
import { withExtension } from "./extension.ts";
import { objects, withList } from "./json-list.ts";
import { isChain, isListener, isNetworkFilter } from "./listener-match.ts";
import { merge } from "./merge.ts";
import type { Patch, PatchRun } from "./patch.ts";
import { patchList } from "./patch-list.ts";
import { patchRouteConfiguration } from "./route.ts";

/** A listener after all patches to it and to what it holds; undefined where one removes it. */
export function patchListener(given: JsonObject, run: PatchRun): JsonObject | undefined {
  let listener = given;
  for (const patch of run.of("LISTENER").filter((one) => isListener(listener, one))) {
    if (patch.operation === "REMOVE") return undefined;
    if (patch.operation !== "MERGE") continue;
    run.used.add(patch);
    listener = merge(listener, patch.value);
  }
  listener = withList(listener, "listenerFilters", (filters) => patchListenerFilters(listener, filters, run));
  const chains = objects(listener["filterChains"])
    .map((chain) => patchChain(listener, chain, run))
    .filter((chain) => chain !== undefined);
  const added = run.of("FILTER_CHAIN").filter((patch) => patch.operation === "ADD" && isListener(listener, patch));
  for (const patch of added) run.used.add(patch);
  const { defaultFilterChain, filterChains: _, ...rest } = listener;
  const last = isObject(defaultFilterChain) ? patchChain(listener, defaultFilterChain, run) : undefined;
  const filterChains = [...chains, ...added.map(({ value }) => value)];
  return {
    ...rest,
    ...(filterChains.length > 0 && { filterChains }),
    ...(last && { defaultFilterChain: last }),
  };
}

function patchListenerFilters(
  listener: JsonObject,
  filters: readonly JsonObject[],
  run: PatchRun,
): readonly JsonObject[] {
  const nameIn = ({ match }: Patch): string => match.listener?.listenerFilter ?? "";
  return patchList(filters, run.of("LISTENER_FILTER"), {
    here: (patch) => isListener(listener, patch),
    targets: (patch) => nameIn(patch) !== "",
    is: (filter, patch) => filter["name"] === nameIn(patch),
    onUse: (patch) => run.used.add(patch),
  }).map((filter) => withExtension(filter, run));
}

function patchChain(listener: JsonObject, given: JsonObject, run: PatchRun): JsonObject | undefined {
  let chain = given;
  const here = (patch: Patch): boolean => isListener(listener, patch) && isChain(listener, chain, patch);
  for (const patch of run.of("FILTER_CHAIN").filter(here)) {
    if (patch.operation === "REMOVE") {
      run.used.add(patch);
      return undefined;
    }
    if (patch.operation !== "MERGE") continue;
    run.used.add(patch);
    chain = merge(chain, patch.value);
  }
  return withList(chain, "filters", (filters) => {
    const patches = run.of("NETWORK_FILTER");
    const listed = patchList(filters, patches, {
      here,
      targets: (patch) => patch.match.listener?.filterChain?.filter !== undefined,
      is: isNetworkFilter,
      onUse: (patch) => run.used.add(patch),
    });
    const found = patches.filter(here);
    return listed.map((filter) => {
      const own = withExtension(merged(filter, found, isNetworkFilter, run), run);
      return patchHttp(own, run, here);
    });
  });
}

/** A filter with every MERGE that names it. One without a configuration of its own stays as it is, as on Istio. */
function merged(
  filter: JsonObject,
  patches: readonly Patch[],
  is: (filter: JsonObject, patch: Patch) => boolean,
  run: PatchRun,
): JsonObject {
  return patches.reduce((result, patch) => {
    if (patch.operation !== "MERGE" || !is(result, patch) || !isObject(result["typedConfig"])) return result;
    run.used.add(patch);
    return merge(result, patch.value);
  }, filter);
}

/** What a connection manager holds: HTTP filters, and routes where they come with it. */
function patchHttp(filter: JsonObject, run: PatchRun, here: (patch: Patch) => boolean): JsonObject {
  const config = filter["typedConfig"];
  if (filter["name"] !== connectionManagerName || !isObject(config)) return filter;
  const patches = run.of("HTTP_FILTER").filter((patch) => here(patch) && isNetworkFilter(filter, patch));
  const targets = ({ match }: Patch): boolean => match.listener?.filterChain?.filter?.subFilter !== undefined;
  const is = (one: JsonObject, patch: Patch): boolean =>
    !targets(patch) || one["name"] === patch.match.listener?.filterChain?.filter?.subFilter?.name;
  const typedConfig = withList(config, "httpFilters", (filters) =>
    patchList(filters, patches, { here: () => true, targets, is, onUse: (patch) => run.used.add(patch) }).map((one) =>
      withExtension(merged(one, patches, is, run), run),
    ),
  );
  const routes = typedConfig["routeConfig"];
  return {
    ...filter,
    typedConfig: isObject(routes) ? { ...typedConfig, routeConfig: patchRouteConfiguration(routes, run) } : typedConfig,
  };
}
