import { memo } from "../lib/index.ts";
import { decodeResource, isList, isObject, objectsWithin, type Json, type JsonObject } from "./decode.ts";
import { nameOf } from "./render.ts";
import { rootSecret, workloadSecret } from "./names.ts";
import { memoList } from "./memo-list.ts";
import type { ProxyResources, Resource, ResourceMap, ResourceSet } from "./resource.ts";

/** What a map of resources needs from others, and what is wrong inside it. */
interface Findings {
  readonly problems: readonly string[];
  readonly clusters: readonly Reference[]; // of listeners: these must be there
  readonly routes: readonly Reference[];
  readonly assignments: readonly Reference[]; // names of ClusterLoadAssignments
  readonly vhds: readonly string[]; // route configurations whose virtual hosts come by VHDS
  readonly hosts: readonly Host[]; // virtual hosts that come so
}

interface Host {
  readonly name: string;
  readonly domains: readonly string[];
}

interface Reference {
  readonly from: string;
  readonly to: string;
}

/**
 * Proves before anything is published that a proxy's resources hold together: no name twice, every reference of a listener to a route
 * configuration or cluster and of a cluster to its endpoints and secrets resolves, every virtual host belongs to a route configuration, and no domain is in two of its virtual hosts. Returns one
 * line for each finding; none is as it should be. Each distinct map is decoded once, whoever shares it.
 *
 * A route may name a cluster that does not exist: Istio answers such requests with 503 and says so in its logs.
 */
export function checkResources({ shared, own }: ProxyResources): readonly string[] {
  return together([shared, own]);
}

const together = memoList(([shared, own]: readonly ResourceSet[]): readonly string[] => {
  if (!shared || !own) return [];
  const sets = [shared, own];
  const maps = sets.flatMap((set) => Object.values(set) as readonly ResourceMap[]);
  const has = (type: keyof ResourceSet, name: string) => sets.some((set) => set[type].has(name));
  const all = maps.map(findings);
  const unresolved = (type: keyof ResourceSet, word: string, references: readonly Reference[]) =>
    references.filter(({ to }) => !has(type, to)).map(({ from, to }) => `${from}: there is no ${word} ${to}`);
  return [
    ...repeatedNames(shared, own),
    ...all.flatMap(({ problems }) => problems),
    ...unresolved(
      "cds",
      "cluster",
      all.flatMap(({ clusters }) => clusters),
    ),
    ...unresolved(
      "rds",
      "route configuration",
      all.flatMap(({ routes }) => routes),
    ),
    ...unresolved(
      "eds",
      "cluster load assignment",
      all.flatMap(({ assignments }) => assignments),
    ),
    ...strayHosts([...shared.vhds.values(), ...own.vhds.values()], new Set(all.flatMap(({ vhds }) => vhds))),
  ];
});

function repeatedNames(shared: ResourceSet, own: ResourceSet): string[] {
  return (Object.keys(shared) as (keyof ResourceSet)[]).flatMap((type) =>
    [...own[type].keys()].filter((name) => shared[type].has(name)).map((name) => `${type} ${name}: two layers have it`),
  );
}

/** A virtual host whose name does not begin with a route configuration that asks for it never reaches a request. */
function strayHosts(hosts: readonly Resource[], asking: ReadonlySet<string>): string[] {
  const stray = hosts.filter(({ name }) => !asking.has(configurationOf(name)));
  return stray.map(({ name }) => `vhds ${name}: no route configuration asks for it`);
}

function configurationOf(virtualHost: string): string {
  return virtualHost.slice(0, virtualHost.indexOf("/"));
}

const findings = memo((map: ResourceMap): Findings => {
  const parts = [...map].map(([key, resource]) => {
    const found = inspect(resource);
    return key === resource.name
      ? found
      : { ...found, problems: [...found.problems, `${key}: holds ${resource.name}`] };
  });
  return {
    problems: [...parts.flatMap(({ problems }) => problems), ...domainsOfHosts(parts.flatMap(({ hosts }) => hosts))],
    clusters: parts.flatMap(({ clusters }) => clusters),
    routes: parts.flatMap(({ routes }) => routes),
    assignments: parts.flatMap(({ assignments }) => assignments),
    vhds: parts.flatMap(({ vhds }) => vhds),
    hosts: [],
  };
});

const nothing: Findings = { problems: [], clusters: [], routes: [], assignments: [], vhds: [], hosts: [] };

const inspect = memo((resource: Resource): Findings => {
  const json = decodeResource(resource);
  const own = nameOf(json);
  const misnamed = own === resource.name ? [] : [`${resource.type} ${resource.name}: says it is ${own}`];
  const problems = [...misnamed, ...unknownSecrets(resource, json)];
  switch (resource.type) {
    case "cds":
      return { ...nothing, problems, assignments: assignmentOf(resource, json) };
    case "lds":
      return { ...nothing, problems, clusters: targets(resource, json), routes: rdsNames(resource, json) };
    case "rds":
      return {
        ...nothing,
        problems: [...problems, ...repeatedDomains(resource.name, listOf(json["virtualHosts"]).map(hostOf))],
        vhds: json["vhds"] === undefined ? [] : [resource.name],
      };
    case "vhds":
      return { ...nothing, problems, hosts: [hostOf(json)] };
    case "eds":
    case "sds":
      return { ...nothing, problems };
  }
});

/** A cluster of type EDS waits for the assignment of its service name, or else of its own name. */
function assignmentOf({ name }: Resource, json: JsonObject): Reference[] {
  if (json["type"] !== "EDS") return [];
  const config = json["edsClusterConfig"];
  const service = isObject(config) ? config["serviceName"] : undefined;
  return [{ from: `cds ${name}`, to: typeof service === "string" && service !== "" ? service : name }];
}

/** Clusters that a listener's network filters and inline routes send to. */
function targets({ name }: Resource, json: JsonObject): Reference[] {
  const named = [...objectsWithin(json)].flatMap(({ cluster, weightedClusters }) => [
    ...(typeof cluster === "string" ? [cluster] : []),
    ...(isObject(weightedClusters) && isList(weightedClusters["clusters"])
      ? weightedClusters["clusters"].flatMap((item) => (isObject(item) ? textOf(item["name"]) : []))
      : []),
  ]);
  return [...new Set(named)].filter(mustExist).map((to) => ({ from: `lds ${name}`, to }));
}

/** A TCP rule of a VirtualService may send to a host or subset that does not exist, as an HTTP rule may. */
function mustExist(cluster: string): boolean {
  return !cluster.startsWith("outbound|");
}

function rdsNames({ name }: Resource, json: JsonObject): Reference[] {
  return [...objectsWithin(json)].flatMap(({ rds }) =>
    isObject(rds) ? textOf(rds["routeConfigName"]).map((to) => ({ from: `lds ${name}`, to })) : [],
  );
}

const secrets: ReadonlySet<string> = new Set([workloadSecret, rootSecret]);

/** Over SDS a proxy gets its own certificate and the mesh's roots, nothing else. */
function unknownSecrets({ type, name }: Resource, json: JsonObject): string[] {
  const asked = [...objectsWithin(json)].flatMap((object) =>
    isObject(object["sdsConfig"]) ? textOf(object["name"]) : [],
  );
  return asked
    .filter((secret) => !secrets.has(secret))
    .map((secret) => `${type} ${name}: there is no secret ${secret}`);
}

function domainsOfHosts(hosts: readonly Host[]): string[] {
  const byConfiguration = Map.groupBy(hosts, ({ name }) => configurationOf(name));
  return [...byConfiguration].flatMap(([name, members]) => repeatedDomains(name, members));
}

/** Envoy refuses a whole route configuration for one domain that two of its virtual hosts have. */
function repeatedDomains(configuration: string, hosts: readonly Host[]): string[] {
  const owners = new Map<string, string>();
  const problems: string[] = [];
  for (const { name, domains } of hosts) {
    for (const domain of domains) {
      const owner = owners.get(domain);
      if (owner !== undefined) problems.push(`rds ${configuration}: ${domain} is in ${owner} and in ${name}`);
      owners.set(domain, name);
    }
  }
  return problems;
}

/** Domains in lower case, as Envoy compares them. */
function hostOf(json: Json): Host {
  const domains = isObject(json) ? listOf(json["domains"]).flatMap(textOf) : [];
  return { name: nameOf(json), domains: domains.map((domain) => domain.toLowerCase()) };
}

function listOf(value: Json | undefined): readonly Json[] {
  return isList(value) ? value : [];
}

function textOf(value: Json | undefined): string[] {
  return typeof value === "string" ? [value] : [];
}
