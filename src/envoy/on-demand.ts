import { memo } from "../lib/index.ts";
import { inspect, type Sends } from "./inspect.ts";
import { memoList } from "./memo-list.ts";
import type { OnDemandClusters, ProxyResources, ResourceMap } from "./resource.ts";

/**
 * Which clusters a proxy must have before a request needs them, found in its own resources. Envoy fetches what a route sends to, and nothing
 * else: not mirrors, not what filters call, not TCP. https://www.envoyproxy.io/docs/envoy/v1.40.0/configuration/upstream/cluster_manager/cds
 */
export function onDemandFor({ shared, own }: ProxyResources): OnDemandClusters {
  return found([shared.cds, own.cds, shared.lds, own.lds, shared.rds, shared.vhds]);
}

const found = memoList(([clusters, ownClusters, ...senders]: readonly ResourceMap[]): OnDemandClusters => {
  const eager = new Set([clusters, ownClusters].flatMap((map) => (map ? notOfServices(map) : [])));
  for (const map of senders) for (const name of fixedIn(map)) eager.add(name);
  return Object.freeze({
    eager,
    companionsOf: (cluster: string) => senders.flatMap((map) => companionsIn(map).get(cluster) ?? []),
  });
});

/** Passthrough, black hole, inbound. */
const notOfServices = memo((clusters: ResourceMap): readonly string[] =>
  [...clusters.keys()].filter((name) => !name.startsWith("outbound|")),
);

const sendsIn = memo((map: ResourceMap): readonly Sends[] =>
  [...map.values()].flatMap((resource) => inspect(resource).sends ?? []),
);

const fixedIn = memo((map: ResourceMap): ReadonlySet<string> => new Set(sendsIn(map).flatMap(({ fixed }) => fixed)));

const companionsIn = memo((map: ResourceMap): ReadonlyMap<string, readonly string[]> => {
  const companions = new Map<string, string[]>();
  for (const { routed } of sendsIn(map)) {
    if (routed.length < 2) continue;
    for (const cluster of routed) companions.set(cluster, [...(companions.get(cluster) ?? []), ...routed]);
  }
  return companions;
});
