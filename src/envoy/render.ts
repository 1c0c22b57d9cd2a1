import { byCodeUnit } from "../lib/index.ts";
import { decodeResource, isList, isObject, type Json, type JsonObject } from "./decode.ts";
import type { ProxyResources, Resource, ResourceSet } from "./resource.ts";

/** The sections of a rendering, in the order Envoy is pushed them. */
const sections = { clusters: "cds", endpoints: "eds", listeners: "lds", routes: "rds" } as const;

export type Section = keyof typeof sections;

export const sectionNames = Object.keys(sections) as readonly Section[];

/** One resource for people and programs: proto JSON with `@type`, route configurations with all their virtual hosts. */
export interface Rendered {
  readonly name: string;
  readonly json: JsonObject;
}

/** What a proxy is served, by section, names sorted. The same whether virtual hosts travel by VHDS or inside their route configuration. */
export function renderSections(resources: ProxyResources): Readonly<Record<Section, readonly Rendered[]>> {
  const hosts = virtualHosts(resources);
  const render = (section: Section): Rendered[] =>
    all(resources, sections[section]).map((resource) => {
      const json = decodeResource(resource);
      return {
        name: resource.name,
        json: section === "routes" ? withHosts(json, hosts.get(resource.name) ?? []) : json,
      };
    });
  return {
    clusters: render("clusters"),
    endpoints: render("endpoints"),
    listeners: render("listeners"),
    routes: render("routes"),
  };
}

/** Every Envoy resource of a proxy in proto JSON with `@type`, in push order. Secrets are not among them. */
export function renderJson(resources: ProxyResources): JsonObject[] {
  return Object.values(renderSections(resources)).flatMap((rendered) => rendered.map(({ json }) => json));
}

function all({ shared, own }: ProxyResources, type: keyof ResourceSet): Resource[] {
  return [...shared[type].values(), ...own[type].values()].sort((a, b) => byCodeUnit(a.name, b.name));
}

/** Virtual hosts that travel alone, by the route configuration that their name begins with. */
function virtualHosts(resources: ProxyResources): Map<string, JsonObject[]> {
  const hosts = Map.groupBy(all(resources, "vhds"), ({ name }) => name.slice(0, name.indexOf("/")));
  return new Map([...hosts].map(([name, members]) => [name, members.map(decodeResource).map(withoutType)]));
}

/** The virtual hosts take the place of the field that says they come alone. */
function withHosts(json: JsonObject, added: readonly JsonObject[]): JsonObject {
  const inside = isList(json["virtualHosts"]) ? json["virtualHosts"] : [];
  const virtualHosts = [...inside, ...added].sort(byName);
  const fields = Object.entries(json).filter(([field]) => field !== "virtualHosts" && field !== "vhds");
  const [type, name, ...rest] = fields;
  return Object.fromEntries(
    [type, name, ["virtualHosts", virtualHosts] as const, ...rest].flatMap((field) => (field ? [field] : [])),
  );
}

export function withoutType({ "@type": _, ...json }: JsonObject): JsonObject {
  return json;
}

function byName(a: Json, b: Json): number {
  return byCodeUnit(nameOf(a), nameOf(b));
}

export function nameOf(json: Json): string {
  const name = isObject(json) ? (json["name"] ?? json["clusterName"]) : undefined;
  return typeof name === "string" ? name : "";
}
