import { isList, isObject, type Json, type JsonObject } from "../decode.ts";

/**
 * `patch` merged into `target`, both in proto JSON, as protobuf merges messages: https://protobuf.dev/reference/cpp/api-docs/google.protobuf.message/#Message.MergeFrom
 * Lists are joined, messages are merged, packed ones too where both are of the same type; scalars and the entries of maps are replaced. Of
 * alternatives ("one of") the patch's stays. A scalar that is written with its default is replaced too.
 */
export function merge(target: JsonObject, patch: JsonObject): JsonObject {
  const result: Record<string, Json> = { ...target };
  for (const [field, value] of Object.entries(patch)) {
    for (const other of alternativesTo(field)) Reflect.deleteProperty(result, other);
    result[field] = mergeValue(field, result[field], value);
  }
  return result;
}

function mergeValue(field: string, before: Json | undefined, value: Json): Json {
  if (isList(before) && isList(value)) return [...before, ...value];
  if (!isObject(before) || !isObject(value)) return value;
  if (maps.has(field)) return { ...before, ...value };
  if (field === "transportSocket" && before["name"] !== value["name"]) return value;
  if (before["@type"] !== value["@type"]) return value;
  return merge(before, value);
}

/** Maps whose values are messages: protobuf replaces these, whole. */
const maps: ReadonlySet<string> = new Set(["typedExtensionProtocolOptions", "typedPerFilterConfig", "filterMetadata"]);

/** Alternatives of the messages that are served and patched: proto JSON shows no "one of". */
const alternatives: readonly (readonly string[])[] = [
  ["type", "clusterType"], // Cluster
  ["ringHashLbConfig", "maglevLbConfig", "originalDstLbConfig", "leastRequestLbConfig", "roundRobinLbConfig"],
  ["explicitHttpConfig", "useDownstreamProtocolConfig", "autoConfig"], // HttpProtocolOptions
  ["rds", "routeConfig", "scopedRoutes"], // HttpConnectionManager
  ["typedConfig", "configDiscovery"], // filters
  ["route", "redirect", "directResponse", "filterAction", "nonForwardingAction"], // Route
  ["prefix", "path", "safeRegex", "connectMatcher", "pathSeparatedPrefix", "pathMatchPolicy"], // RouteMatch
  ["cluster", "clusterHeader", "weightedClusters", "clusterSpecifierPlugin", "inlineClusterSpecifierPlugin"],
  ["hostRewriteLiteral", "autoHostRewrite", "hostRewriteHeader", "hostRewritePathRegex"], // RouteAction
  ["pathRedirect", "prefixRewrite", "regexRewrite"], // RedirectAction; a RouteAction takes one of the last two, too
  ["filename", "inlineBytes", "inlineString", "environmentVariable"], // DataSource
];

const others = new Map(
  alternatives.flatMap((group) => group.map((field) => [field, group.filter((one) => one !== field)])),
);

function alternativesTo(field: string): readonly string[] {
  return others.get(field) ?? [];
}
