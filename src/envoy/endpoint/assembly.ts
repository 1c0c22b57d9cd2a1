import { memo, memo2, memo3 } from "../../lib/index.ts";
import type { EndpointSet, MeshSettings, ProxyView, VisibleService } from "../../mesh/index.ts";
import type { Resource, ResourceMap } from "../resource.ts";
import { memoClient, viewClient, type Client, type Sight } from "./client.ts";

type Services = readonly VisibleService[];
type EndpointsOf = ProxyView["endpoints"];

/** How one kind of resources is made of the services of a scope. */
export interface Recipe {
  /** What of the asking proxy matters to any of the services. */
  readonly sight: (services: Services, settings: MeshSettings) => Sight;
  /** The services whose endpoints matter. */
  readonly reads: (services: Services) => Services;
  /** The resources, memoized one by one. */
  readonly list: (services: Services, settings: MeshSettings, endpoints: EndpointsOf, client: Client) => Resource[];
}

/** What was assembled last for one scope and sort of client, and of which endpoints. */
interface Assembled {
  sets: readonly EndpointSet[];
  map: ResourceMap;
}

/**
 * Maps of resources, shared by all proxies for which the resources are the same: the lists are walked once for each scope and sort of
 * client when endpoints have changed, and while all resources in a map are the same objects, so is the map.
 */
export function assembler(recipe: Recipe): (view: ProxyView) => ResourceMap {
  const sights = memo2(recipe.sight);
  const readers = memo(recipe.reads);
  const latest = memo2((services: Services, settings: MeshSettings) =>
    memoClient(sights(services, settings), (): Partial<Assembled> => ({})),
  );
  // One snapshot's views may share their `endpoints`: then the second asks nothing at all.
  const maps = memo3((services: Services, settings: MeshSettings, endpoints: EndpointsOf) =>
    memoClient(sights(services, settings), (client) => {
      const last = latest(services, settings)(client);
      const sets = readers(services).map((visible) => endpoints(visible));
      if (last.map && last.sets && same(last.sets, sets)) return last.map;
      last.sets = sets;
      return (last.map = keepMap(last.map, recipe.list(services, settings, endpoints, client)));
    }),
  );
  return ({ proxy, scope: { services, settings }, endpoints }) =>
    maps(services, settings, endpoints)(viewClient(proxy, sights(services, settings)));
}

function same(a: readonly EndpointSet[], b: readonly EndpointSet[]): boolean {
  return a.every((set, i) => set === b[i]);
}

function keepMap(previous: ResourceMap | undefined, list: readonly Resource[]): ResourceMap {
  const kept = previous?.size === list.length && list.every((resource) => previous.get(resource.name) === resource);
  return kept ? previous : new Map(list.map((resource) => [resource.name, resource]));
}
