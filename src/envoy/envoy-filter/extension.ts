import { isObject, type Json, type JsonObject } from "../decode.ts";
import type { PatchRun } from "./patch.ts";

/**
 * A filter whose configuration is to be discovered over this stream (`config_discovery` with `ads`), with the one that an EXTENSION_CONFIG
 * adds under its name inside of it, else with its own default: there is nothing to wait for, and it changes with the listener. Throws where
 * there is neither, for the listener would never be ready. Any other filter, and one that reads a file, stays as it is.
 * https://www.envoyproxy.io/docs/envoy/v1.40.0/configuration/overview/extension
 */
export function withExtension(filter: JsonObject, run: PatchRun): JsonObject {
  const { configDiscovery, ...rest } = filter;
  if (!isObject(configDiscovery) || !isOverAds(configDiscovery)) return filter;
  const name = textOf(filter["name"]);
  const extension = run.extension(name);
  const typedConfig = extension?.value["typedConfig"] ?? configDiscovery["defaultConfig"];
  if (!typedConfig) throw new Error(`there is no EXTENSION_CONFIG "${name}", which a filter discovers`);
  if (extension) run.used.add(extension);
  return { ...rest, typedConfig };
}

function isOverAds({ configSource }: JsonObject): boolean {
  return isObject(configSource) && configSource["ads"] !== undefined;
}

function textOf(name: Json | undefined): string {
  return typeof name === "string" ? name : "";
}
