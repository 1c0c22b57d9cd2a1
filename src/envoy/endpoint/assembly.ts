import { memo2, memo3 } from "../../lib/index.ts";
import type { MeshSettings, ProxyView, VisibleService } from "../../mesh/index.ts";
import type { Resource, ResourceMap } from "../resource.ts";
import { memoClient, viewClient, type Client, type Sight } from "./client.ts";

type Services = readonly VisibleService[];
type EndpointsOf = ProxyView["endpoints"];

/** How one kind of resources is made of the services of a scope. */
export interface Recipe {
  /** What of the asking proxy matters to any of the services. */
  readonly sight: (services: Services, settings: MeshSettings) => Sight;
  /** The resources, memoized one by one. */
  readonly list: (services: Services, settings: MeshSettings, endpoints: EndpointsOf, client: Client) => Resource[];
}

interface Cell {
  map: ResourceMap;
}

/**
 * Maps of resources, shared by all proxies for which the resources are the same: the lists are walked once for each scope and sort of
 * client, and while all resources in a map are the same objects, so is the map.
 */
export function assembler(recipe: Recipe): (view: ProxyView) => ResourceMap {
  const sights = memo2(recipe.sight);
  const latest = memo2((services: Services, settings: MeshSettings) =>
    memoClient(sights(services, settings), (): Cell => ({ map: new Map() })),
  );
  const maps = memo3((services: Services, settings: MeshSettings, endpoints: EndpointsOf) =>
    memoClient(sights(services, settings), (client) => {
      const last = latest(services, settings)(client);
      const list = recipe.list(services, settings, endpoints, client);
      return (last.map = keepMap(last.map, list));
    }),
  );
  return ({ proxy, scope: { services, settings }, endpoints }) =>
    maps(services, settings, endpoints)(viewClient(proxy, sights(services, settings)));
}

function keepMap(previous: ResourceMap, list: readonly Resource[]): ResourceMap {
  const same = previous.size === list.length && list.every((resource) => previous.get(resource.name) === resource);
  return same ? previous : new Map(list.map((resource) => [resource.name, resource]));
}
