import { isDeepStrictEqual } from "node:util";
import { changedKeys, memo, memo2, patchedFrom } from "../lib/index.ts";
import { inspect, repeatedDomains, type Host, type Need } from "./inspect.ts";
import { memoList } from "./memo-list.ts";
import type { ProxyResources, Resource, ResourceMap, ResourceSet } from "./resource.ts";

/**
 * Proves before anything is published that a proxy's resources hold together: no name twice, every reference of a listener to a route
 * configuration or cluster and of a cluster to its endpoints and secrets resolves, every virtual host belongs to a route configuration,
 * and no domain is in two of its virtual hosts. Returns one line for each finding; none is as it should be. What proxies share is looked
 * at once for all of them, and a resource once as long as it lives.
 *
 * A route may name a cluster that does not exist: Istio answers such requests with 503 and says so in its logs.
 */
export function checkResources({ shared, own }: ProxyResources): readonly string[] {
  return together([shared, own]);
}

const types = ["cds", "eds", "lds", "rds", "vhds"] as const satisfies readonly (keyof ResourceSet)[];

/** Who refers to what. */
const references = [
  { from: "lds", to: "cds", word: "cluster" },
  { from: "lds", to: "rds", word: "route configuration" },
  { from: "cds", to: "eds", word: "cluster load assignment" },
] as const;

const together = memoList(([shared, own]: readonly ResourceSet[]): readonly string[] => {
  if (!shared || !own) return [];
  const [far, near] = [alone(shared), alone(own)];
  return [
    ...far.problems,
    ...near.problems,
    ...repeated(own, shared),
    ...unanswered(far, own),
    ...unanswered(near, shared),
    ...far.strays.filter((name) => !asking(own.rds).has(parentOf(name))).map(strayHost),
    ...near.strays.filter((name) => !asking(shared.rds).has(parentOf(name))).map(strayHost),
  ];
});

/** What one layer says for itself, and what it leaves to the other one. */
interface Finding {
  readonly problems: readonly string[];
  readonly open: readonly { readonly need: Need; readonly word: string }[];
  readonly strays: readonly string[]; // virtual hosts that no route configuration of the layer asks for
}

/** While a type changes, the findings of the others stay. */
const alone = memo((set: ResourceSet): Finding => ({
  problems: types.flatMap((type) => problemsIn(set[type])),
  open: references.flatMap(({ from, to, word }) =>
    set[from].size === 0 ? [] : unresolved[to](set[from], set[to]).map((need) => ({ need, word })),
  ),
  strays: set.vhds.size === 0 ? [] : unasked(set.vhds, set.rds),
}));

/** A proxy's own resources are few. */
function repeated(own: ResourceSet, shared: ResourceSet): string[] {
  const problems: string[] = [];
  for (const type of types) {
    for (const name of own[type].keys())
      if (shared[type].has(name)) problems.push(`${type} ${name}: two layers have it`);
  }
  return problems;
}

function unanswered({ open }: Finding, other: ResourceSet): string[] {
  return open
    .filter(({ need: { type, name } }) => !other[type].has(name))
    .map(({ need: { from, name }, word }) => `${from.type} ${from.name}: there is no ${word} ${name}`);
}

/** A virtual host whose name does not begin with a route configuration that asks for it never reaches a request. */
function strayHost(name: string): string {
  return `vhds ${name}: no route configuration asks for it`;
}

const problemsIn = memo((map: ResourceMap): readonly string[] => {
  const origin = patchedFrom(map);
  const problems = origin && problemsIn(origin).length === 0 ? problemsOfPatch(map, origin) : undefined;
  return problems ?? problemsAmong(map);
});

/** Where all was well before the patch; undefined where a virtual host has other domains and has to be looked at beside the others. */
function problemsOfPatch(map: ResourceMap, origin: ResourceMap): readonly string[] | undefined {
  const fresh = new Map<string, Resource>();
  for (const key of changedKeys(origin, map) ?? []) {
    const [old, resource] = [origin.get(key), map.get(key)];
    if (!old || !resource || !isDeepStrictEqual(inspect(old).host, inspect(resource).host)) return undefined;
    fresh.set(key, resource);
  }
  return problemsAmong(fresh);
}

function problemsAmong(map: ResourceMap): readonly string[] {
  const problems: string[] = [];
  const hosts: Host[] = [];
  for (const [key, resource] of map) {
    const found = inspect(resource);
    if (found.problems.length > 0) problems.push(...found.problems);
    if (key !== resource.name) problems.push(`${key}: holds ${resource.name}`);
    if (found.host) hosts.push(found.host);
  }
  for (const [name, members] of Map.groupBy(hosts, (host) => parentOf(host.name)))
    problems.push(...repeatedDomains(name, members));
  return problems;
}

const needsOf = memo((map: ResourceMap): readonly Need[] =>
  [...map.values()].flatMap((resource) => inspect(resource).needs),
);

/** What resources of one map need of a type and another map does not have: seldom anything. A patched map has the names that it had. */
function missingOf(type: Need["type"]): (from: ResourceMap, to: ResourceMap) => readonly Need[] {
  const missing = memo2((from: ResourceMap, to: ResourceMap) =>
    needsOf(from).filter((need) => need.type === type && !to.has(need.name)),
  );
  return (from, to) => missing(from, patchedFrom(to) ?? to);
}

const unresolved = { cds: missingOf("cds"), rds: missingOf("rds"), eds: missingOf("eds") };

/** Route configurations whose virtual hosts come one by one. */
const asking = memo((routes: ResourceMap): ReadonlySet<string> => {
  const names = [...routes.values()].filter((resource) => inspect(resource).asksForHosts);
  return new Set(names.map(({ name }) => name));
});

const unasked = memo2((hosts: ResourceMap, routes: ResourceMap): readonly string[] =>
  [...hosts.keys()].filter((name) => !asking(routes).has(parentOf(name))),
);

function parentOf(virtualHost: string): string {
  return virtualHost.slice(0, virtualHost.indexOf("/"));
}
