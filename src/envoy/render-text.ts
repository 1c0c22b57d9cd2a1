import { Document, isCollection, visit } from "yaml";
import { byCodeUnit } from "../lib/index.ts";
import { isList, isObject, type Json, type JsonObject } from "./decode.ts";
import { byShortPath, differences, type Difference } from "./json-difference.ts";
import { emptyMesh } from "./reference-mesh.ts";
import { nameOf, renderSections, sectionNames, withoutType } from "./render.ts";
import type { ProxyResources } from "./resource.ts";
import { leastLength, usualBlocks, usualResources, type Usual } from "./usual.ts";

/** As wide as a person reads on a screen. */
const width = 110;

/**
 * What one sidecar is served, for people: YAML in proto JSON's names, in push order, names sorted. Only resources that differ from the
 * empty mesh are shown, and of a block that is nearly as in the reference mesh only where it departs: `(usual)`, `usual, but`.
 * `@type` is shortened to its last word, `onDemand` names clusters that come when they are needed, `unchanged` counts the rest. `renderJson` has everything; testdata/usual.yaml has the usual blocks.
 */
export function renderText(resources: ProxyResources): string {
  const [now, before] = [renderSections(resources), renderSections(emptyMesh())];
  const shown: Record<string, Json> = {};
  const unchanged: Record<string, number> = {};
  const absent: Record<string, Json> = {};
  for (const section of sectionNames) {
    const baseline = new Map(before[section].map(({ name, json }) => [name, JSON.stringify(json)]));
    const changed = now[section].filter(({ name, json }) => baseline.get(name) !== JSON.stringify(json));
    const names = new Set(now[section].map(({ name }) => name));
    const gone = [...baseline.keys()].filter((name) => !names.has(name));
    if (changed.length > 0) shown[section] = changed.map(({ json }) => readable(`${section}[]`, withoutType(json)));
    if (changed.length < now[section].length) unchanged[section] = now[section].length - changed.length;
    if (gone.length > 0) absent[section] = gone;
  }
  const onDemand = onDemandIn(resources);
  return yaml({
    ...shown,
    ...(Object.keys(absent).length > 0 && { absent }),
    ...(onDemand.length > 0 && { onDemand }),
    unchanged,
  });
}

/** Clusters that the proxy gets when a request first needs them. */
function onDemandIn({ shared, onDemand }: ProxyResources): string[] {
  return onDemand ? [...shared.cds.keys()].filter((name) => !onDemand.eager.has(name)).sort(byCodeUnit) : [];
}

/** Where the words of a rendering can be looked up: section, short name, the whole resource. */
export function renderUsual(): string {
  const legend = sectionNames.map((section) => [section, Object.fromEntries(usualResources(section))] as const);
  return yaml(Object.fromEntries(legend));
}

function readable(field: string, value: Json): Json {
  if (!isList(value) && !isObject(value)) return field === "@type" ? shortType(value) : value;
  if (JSON.stringify(value).length < leastLength) return value;
  return briefly(field, value) ?? plainly(field, value);
}

function plainly(field: string, value: readonly Json[] | JsonObject): Json {
  if (isList(value)) return value.map((item) => readable(`${field}[]`, item));
  return Object.fromEntries(Object.entries(value).map(([inner, content]) => [inner, readable(inner, content)]));
}

/** A block in the words of the usual block that it resembles most; undefined where it resembles none. */
function briefly(field: string, value: readonly Json[] | JsonObject): Json | undefined {
  let best: { readonly usual: Usual; readonly found: readonly Difference[]; readonly rank: number } | undefined;
  for (const usual of usualBlocks().get(field) ?? []) {
    const found = differences(usual.value, value);
    if (found.length === 0) return nameOf(value) ? `(${usual.word}) ${nameOf(value)}` : `(${usual.word})`;
    const rank = found.reduce((sum, { shape }) => sum + 1000 * shape + 1, 0); // before all the same shape
    if (!best || rank < best.rank) best = { usual, found, rank };
  }
  if (!best || best.found.some(({ path }) => path.length === 0)) return undefined;
  const told = tell(best.found);
  const worthwhile = JSON.stringify(told).length <= JSON.stringify(value).length / 2;
  return worthwhile ? { [`${best.usual.word}, but`]: told } : undefined;
}

/** The differences by the ends of their paths, the name first. */
function tell(found: readonly Difference[]): JsonObject {
  const told = byShortPath(found).map(([end, { path, value }]): [string, Json] => {
    return [end, value === undefined ? "(none)" : readable(path.at(-1) ?? "", value)];
  });
  const isName = ([end]: [string, Json]) => end === "name" || end === "clusterName";
  return Object.fromEntries([...told.filter(isName), ...told.filter((entry) => !isName(entry))]);
}

function shortType(type: Json): Json {
  return typeof type === "string" ? type.slice(type.lastIndexOf(".") + 1) : type;
}

/** Block style, and on one line whatever fits there. */
function yaml(value: Json): string {
  const document = new Document(value, { aliasDuplicateObjects: false });
  visit(document, {
    Collection: (_, node, path) => {
      const indent = 2 * path.filter(isCollection).length;
      if (node !== document.contents && JSON.stringify(node.toJSON()).length + indent + 20 <= width) node.flow = true;
    },
  });
  return document.toString({ lineWidth: 0, flowCollectionPadding: true, singleQuote: false });
}
