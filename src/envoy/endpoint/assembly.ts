import { memo, memo2, memo3, patchMap } from "../../lib/index.ts";
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
  /** The resources of one service, memoized; how they are named does not depend on its endpoints. */
  readonly of: (visible: VisibleService, settings: MeshSettings, endpoints: EndpointsOf, client: Client) => Resource[];
  /** Those that belong to no service. */
  readonly rest?: (settings: MeshSettings) => Resource[];
}

/** What was assembled last for one scope and sort of client, and of which endpoints. */
interface Assembled {
  sets: readonly EndpointSet[];
  map: ResourceMap;
}

/**
 * Maps of resources, shared by all proxies for which the resources are the same: the services are walked once for each scope and
 * sort of client. When endpoints change, only the resources of those services are looked at again, and while they are the same objects, so
 * is the map.
 */
export function assembler(recipe: Recipe): (view: ProxyView) => ResourceMap {
  const sights = memo2(recipe.sight);
  const readers = memo(recipe.reads);
  const rest = recipe.rest ?? (() => []);
  const latest = memo2((services: Services, settings: MeshSettings) =>
    memoClient(sights(services, settings), (): Partial<Assembled> => ({})),
  );
  // One snapshot's views may share their `endpoints`: then the second asks nothing at all.
  const maps = memo3((services: Services, settings: MeshSettings, endpoints: EndpointsOf) =>
    memoClient(sights(services, settings), (client) => {
      const last = latest(services, settings)(client);
      const reads = readers(services);
      const sets = reads.map((visible) => endpoints(visible));
      const changed = reads.filter((_, i) => sets[i] !== last.sets?.[i]);
      const listed = (visible: VisibleService): Resource[] => recipe.of(visible, settings, endpoints, client);
      const map = last.map
        ? patchMap(last.map, changed.flatMap(listed).map(byName))
        : mapOf([...services.flatMap(listed), ...rest(settings)]);
      Object.assign(last, { sets, map } satisfies Assembled); // together, and not before all of it is made
      return map;
    }),
  );
  return ({ proxy, scope: { services, settings }, endpoints }) =>
    maps(services, settings, endpoints)(viewClient(proxy, sights(services, settings)));
}

function mapOf(resources: readonly Resource[]): ResourceMap {
  return new Map(resources.map(byName));
}

function byName(resource: Resource): readonly [string, Resource] {
  return [resource.name, resource];
}
