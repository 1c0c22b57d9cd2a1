import { Any } from "../../../generated/google/protobuf/any.ts";
import { memo2, memo3 } from "../../lib/index.ts";
import type { Inbound } from "../../mesh/index.ts";
import { decodeResource, type JsonObject } from "../decode.ts";
import { memoList } from "../memo-list.ts";
import {
  encodePacked,
  typeUrls,
  type Resource,
  type ResourceMap,
  type ResourceSet,
  type XdsType,
} from "../resource.ts";
import { isPatchedCluster, patchCluster } from "./cluster.ts";
import { patchListener } from "./listener.ts";
import { PatchRun, provenanceOf, type Patch, type PatchContext } from "./patch.ts";
import { addedHosts, patchRouteConfiguration, patchVirtualHost } from "./route.ts";
import { isRouteConfiguration } from "./route-match.ts";

/** Where a set of resources is used. The same object for the same place: results are kept by its identity. */
export interface PatchPlace {
  readonly context: PatchContext;
  readonly inbound?: Inbound;
}

/** The same list of patches is the same object. */
export const patchListOf = memoList((patches: readonly Patch[]): readonly Patch[] => patches);

/**
 * A set of resources after patches. What no patch is for stays the same object, the whole set too: proxies that the same EnvoyFilters
 * select share what they are served as all others do. Throws where a result is no message of Envoy's.
 */
export const patchSet = memo3((set: ResourceSet, place: PatchPlace, patches: readonly Patch[]): ResourceSet => {
  const cds = patchMap(set.cds, place, patches, "CLUSTER");
  const lds = patchMap(set.lds, place, patches, "LISTENER");
  const rds = patchMap(set.rds, place, patches, "ROUTE_CONFIGURATION");
  const vhds = withHosts(patchMap(set.vhds, place, patches, "VIRTUAL_HOST"), set.rds, place, patches);
  const isSame = cds === set.cds && lds === set.lds && rds === set.rds && vhds === set.vhds;
  return isSame ? set : Object.freeze({ ...set, cds, lds, rds, vhds });
});

const routing = ["ROUTE_CONFIGURATION", "VIRTUAL_HOST", "HTTP_ROUTE"] as const;

/** What of a resource patches speak of, outermost first. */
const levels = {
  CLUSTER: ["CLUSTER"],
  LISTENER: ["LISTENER", "LISTENER_FILTER", "FILTER_CHAIN", "NETWORK_FILTER", "HTTP_FILTER", ...routing],
  ROUTE_CONFIGURATION: routing,
  VIRTUAL_HOST: ["VIRTUAL_HOST", "HTTP_ROUTE"],
} as const;

type Level = keyof typeof levels;

function patchMap(map: ResourceMap, place: PatchPlace, patches: readonly Patch[], level: Level): ResourceMap {
  const run = runFor(place, patches);
  if (!levels[level].some((applyTo) => run.of(applyTo).length > 0)) return map;
  const result = new Map<string, Resource>();
  let isSame = true;
  for (const [name, resource] of map) {
    const patched = patchOf(resource, place, patches).resource;
    if (patched !== resource) isSame = false;
    if (patched) result.set(name, patched);
  }
  const added = level === "CLUSTER" || level === "LISTENER" ? run.adding(level) : [];
  for (const patch of added) {
    const resource = addedOf(patch, level === "CLUSTER" ? "cds" : "lds");
    if (result.has(resource.name)) continue; // as on Istio, the first of a name stays
    result.set(resource.name, resource);
    isSame = false;
  }
  return isSame ? map : result;
}

/** A patched resource is made once for all maps that it is in. */
const patchOf = memo3(
  (resource: Resource, place: PatchPlace, patches: readonly Patch[]): { readonly resource: Resource | undefined } => {
    const run = runFor(place, patches);
    const { type, name } = resource;
    if (!isConcerned(type, name, run)) return { resource };
    const before = decodeResource(resource);
    const after = patched(type, name, before, run);
    if (after === undefined) return { resource: undefined };
    if (run.used.size === 0) return { resource };
    const provenance = [...resource.provenance, ...[...run.used].map(provenanceOf)];
    return { resource: encodeJson(type, name, after, provenance) };
  },
);

/** Told by the name alone, so that of a thousand clusters only those are decoded that patches are for. */
function isConcerned(type: XdsType, name: string, run: PatchRun): boolean {
  if (type === "cds") return isPatchedCluster(name, run);
  if (type === "lds") return true;
  const configuration = type === "vhds" ? configurationOf(name) : name;
  return routing.some((applyTo) =>
    run.of(applyTo).some((patch) => isRouteConfiguration(configuration, patch, run.context)),
  );
}

function patched(
  type: XdsType,
  name: string,
  { "@type": url, ...json }: JsonObject,
  run: PatchRun,
): JsonObject | undefined {
  const result = (() => {
    switch (type) {
      case "cds":
        return patchCluster(json, name, run);
      case "lds":
        return patchListener(json, run);
      case "rds":
        return patchRouteConfiguration(json, run, json["vhds"] !== undefined);
      case "vhds":
        return patchVirtualHost(configurationOf(name), json, run);
      default:
        return json;
    }
  })();
  return result && { "@type": url ?? typeUrls[type], ...result };
}

const addedOf = ((): ((patch: Patch, type: "cds" | "lds") => Resource) => {
  const names = { cds: Object.freeze({ type: "cds" as const }), lds: Object.freeze({ type: "lds" as const }) };
  const make = memo2((patch: Patch, { type }: { readonly type: "cds" | "lds" }): Resource => {
    const { name } = patch.value;
    if (typeof name !== "string" || name === "") throw new Error("what is added has no name");
    return encodeJson(type, name, { "@type": typeUrls[type], ...patch.value }, [provenanceOf(patch)]);
  });
  return (patch, type) => make(patch, names[type]);
})();

/** Virtual hosts that patches add, for route configurations whose virtual hosts travel alone. */
function withHosts(hosts: ResourceMap, routes: ResourceMap, place: PatchPlace, patches: readonly Patch[]): ResourceMap {
  if (hosts.size === 0) return hosts;
  const run = runFor(place, patches);
  if (!run.of("VIRTUAL_HOST").some(({ operation }) => operation === "ADD")) return hosts;
  const parents = new Set([...hosts.keys()].map(configurationOf));
  const added = [...routes.values()]
    .filter(({ name }) => parents.has(name))
    .flatMap((parent) => addedHosts(parent.name, run).map((patch) => addedHost(parent, patch)));
  return added.length === 0 ? hosts : new Map([...added.map((host) => [host.name, host] as const), ...hosts]);
}

const addedHost = memo2((parent: Resource, patch: Patch): Resource => {
  const { name: host } = patch.value;
  if (typeof host !== "string" || host === "") throw new Error("what is added has no name");
  const name = `${parent.name}/${host}`;
  return encodeJson("vhds", name, { "@type": typeUrls.vhds, ...patch.value, name }, [provenanceOf(patch)]);
});

function encodeJson(type: XdsType, name: string, json: JsonObject, provenance: Resource["provenance"]): Resource {
  return encodePacked(type, name, Any.fromJSON(json), provenance);
}

function configurationOf(virtualHost: string): string {
  return virtualHost.slice(0, Math.max(0, virtualHost.indexOf("/")));
}

function runFor({ context, inbound }: PatchPlace, patches: readonly Patch[]): PatchRun {
  const hostsOn = (port: number): string[] =>
    (inbound?.ports ?? []).filter((one) => one.port === port).map(({ service }) => service.hostname);
  return new PatchRun(context, hostsOn, patches);
}
