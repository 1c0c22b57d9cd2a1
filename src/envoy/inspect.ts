import type { Cluster } from "../../generated/envoy/config/cluster/v3/cluster.ts";
import { Cluster_DiscoveryType } from "../../generated/envoy/config/cluster/v3/cluster.ts";
import type { RouteConfiguration } from "../../generated/envoy/config/route/v3/route.ts";
import { Any } from "../../generated/google/protobuf/any.ts";
import { messageTypeRegistry } from "../../generated/typeRegistry.ts";
import { memo } from "../lib/index.ts";
import { rootSecret, workloadSecret } from "./names.ts";
import type { Resource } from "./resource.ts";

/** What one resource says of others, and what is wrong inside it. */
export interface Inspection {
  readonly problems: readonly string[];
  readonly needs: readonly Need[];
  /** The virtual host that it is, domains in lower case as Envoy compares them. */
  readonly host?: Host;
  /** It is a route configuration whose virtual hosts come by VHDS. */
  readonly asksForHosts?: boolean;
  /** What a listener and each virtual host sends to. */
  readonly sends?: readonly Sends[];
}

/** Names of clusters, each once. */
export interface Sends {
  /** By routes: Envoy can ask for these when a request needs them. */
  readonly routed: readonly string[];
  /** By anything else: filters, mirrors, TCP. */
  readonly fixed: readonly string[];
}

/** A resource that must be there for another one. */
export interface Need {
  readonly from: Resource;
  readonly type: "cds" | "rds" | "eds";
  readonly name: string;
}

export interface Host {
  readonly name: string;
  readonly domains: readonly string[];
}

type Fields = Readonly<Record<string, unknown>>;

const clean: Inspection = Object.freeze({ problems: [], needs: [] });

/** Decodes each resource once, whoever has it, and keeps no more than what was found. */
export const inspect = memo((resource: Resource): Inspection => {
  const message = unpack(Any.decode(resource.bytes));
  const own = nameOf(message);
  const misnamed = own === resource.name ? [] : [`${resource.type} ${resource.name}: says it is ${String(own)}`];
  if (resource.type === "eds") return misnamed.length === 0 ? clean : { problems: misnamed, needs: [] };
  const parts = messagesWithin(message);
  const problems = [...misnamed, ...unknownSecrets(resource, parts)];
  switch (resource.type) {
    case "cds":
      return { problems, needs: assignmentOf(resource, message as unknown as Cluster) };
    case "lds":
      return {
        problems,
        needs: [...clusters(resource, parts), ...routes(resource, parts)],
        sends: [{ routed: [], fixed: texts(parts.flatMap(clustersIn)) }],
      };
    case "rds":
      return inspectRoutes(resource, message as unknown as RouteConfiguration, problems);
    case "vhds":
      return { problems, needs: [], host: hostOf(message as unknown as Host), sends: [sendsOf(parts)] };
    case "sds":
      return { problems, needs: [] };
  }
});

function inspectRoutes(
  { name }: Resource,
  { virtualHosts, vhds }: RouteConfiguration,
  problems: readonly string[],
): Inspection {
  const repeated = repeatedDomains(name, virtualHosts.map(hostOf));
  const sends = virtualHosts.map((host) => sendsOf([...messagesWithin(host)]));
  return { problems: [...problems, ...repeated], needs: [], asksForHosts: vhds !== undefined, sends };
}

/** Of a virtual host only a route's own destinations are `routed`, not its mirrors or what its filters call. */
function sendsOf(parts: readonly Fields[]): Sends {
  const { routed = [], fixed = [] } = Object.groupBy(parts, (part) =>
    "requestMirrorPolicies" in part ? "routed" : "fixed",
  );
  return { routed: texts(routed.flatMap(clustersIn)), fixed: texts(fixed.flatMap(clustersIn)) };
}

function clustersIn({ cluster, clusterName, weightedClusters }: Fields): unknown[] {
  return [cluster, clusterName, ...weighted(weightedClusters)];
}

/** Types inside were all packed by us: one that is unknown is a fault. */
function unpack({ typeUrl, value }: Any): Fields {
  const type = messageTypeRegistry.get(typeUrl.slice(typeUrl.lastIndexOf("/") + 1));
  if (!type) throw new Error(`no message type ${typeUrl} is known`);
  return type.decode(value) as Fields;
}

/** Every message inside a value, itself first; those that are packed are unpacked. What users wrote into metadata is no message. */
function messagesWithin(value: unknown, found: Fields[] = []): readonly Fields[] {
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return found;
  if (Array.isArray(value)) {
    for (const item of value as readonly unknown[]) messagesWithin(item, found);
    return found;
  }
  const fields = value as Fields;
  if (isAny(fields)) return messagesWithin(unpack(fields), found);
  found.push(fields);
  for (const name in fields) {
    const content = fields[name];
    if (typeof content === "object" && name !== "filterMetadata") messagesWithin(content, found);
  }
  return found;
}

function isAny(fields: Fields): fields is Fields & Any {
  return typeof fields["typeUrl"] === "string" && fields["value"] instanceof Uint8Array;
}

function nameOf({ name, clusterName }: Fields): unknown {
  return clusterName ?? name;
}

/** A cluster of type EDS waits for the assignment of its service name, or else of its own name. */
function assignmentOf(from: Resource, { type, edsClusterConfig }: Cluster): Need[] {
  if (type !== Cluster_DiscoveryType.EDS) return [];
  return [{ from, type: "eds", name: edsClusterConfig?.serviceName || from.name }];
}

/** Clusters that a listener's network filters and inline routes send to. */
function clusters(from: Resource, parts: readonly Fields[]): Need[] {
  const named = parts.flatMap(({ cluster, weightedClusters }) => [cluster, ...weighted(weightedClusters)]);
  return texts(named)
    .filter(mustExist)
    .map((name) => ({ from, type: "cds", name }));
}

function weighted(value: unknown): unknown[] {
  const list = (value as { clusters?: readonly { name?: unknown }[] } | undefined)?.clusters ?? [];
  return list.map(({ name }) => name);
}

/** A TCP rule of a VirtualService may send to a host or subset that does not exist, as an HTTP rule may. */
function mustExist(cluster: string): boolean {
  return !cluster.startsWith("outbound|");
}

function routes(from: Resource, parts: readonly Fields[]): Need[] {
  const named = parts.map(({ rds }) => (rds as { routeConfigName?: unknown } | undefined)?.routeConfigName);
  return texts(named).map((name) => ({ from, type: "rds", name }));
}

const secrets: ReadonlySet<string> = new Set([workloadSecret, rootSecret]);

/** A gateway's servers name what `mesh` found for them: a server without its credentials is not there. */
function isCredential(secret: string): boolean {
  return ["kubernetes://", "file-cert:", "file-root:"].some((scheme) => secret.startsWith(scheme));
}

/** Over SDS a proxy gets its own certificate and the mesh's roots, and a gateway its credentials. */
function unknownSecrets({ type, name }: Resource, parts: readonly Fields[]): string[] {
  const asked = texts(parts.map((part) => (part["sdsConfig"] === undefined ? undefined : part["name"])));
  return asked
    .filter((secret) => !secrets.has(secret) && !isCredential(secret))
    .map((secret) => `${type} ${name}: there is no secret ${secret}`);
}

function hostOf({ name, domains }: Host): Host {
  return { name, domains: domains.map((domain) => domain.toLowerCase()) };
}

/** Envoy refuses a whole route configuration for one domain that two of its virtual hosts have. */
export function repeatedDomains(configuration: string, hosts: readonly Host[]): string[] {
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

/** The distinct texts that are not empty. */
function texts(values: readonly unknown[]): string[] {
  return [...new Set(values)].filter((value) => typeof value === "string" && value !== "") as string[];
}
