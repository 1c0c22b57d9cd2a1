import { isObject, type Json, type JsonObject } from "../decode.ts";
import { objects } from "./json-list.ts";
import { merge } from "./merge.ts";
import type { Patch, PatchRun } from "./patch.ts";

/** Whether a cluster of this name may be patched at all: most are not even decoded. */
export function isPatchedCluster(name: string, run: PatchRun): boolean {
  return run.of("CLUSTER").some((patch) => patch.operation !== "ADD" && isCluster(name, patch, run));
}

/** A cluster after all patches to it; undefined where one removes it. */
export function patchCluster(given: JsonObject, name: string, run: PatchRun): JsonObject | undefined {
  let cluster = given;
  for (const patch of run.of("CLUSTER")) {
    if (patch.operation === "ADD" || !isCluster(name, patch, run)) continue;
    if (patch.operation === "REMOVE") return undefined;
    if (patch.operation !== "MERGE") continue;
    run.used.add(patch);
    cluster = mergeCluster(cluster, patch.value);
  }
  return cluster;
}

/** As on Istio, a patch with a transport socket changes nothing else, and of several that a cluster chooses from the one of its name. */
function mergeCluster(cluster: JsonObject, patch: JsonObject): JsonObject {
  const socket = patch["transportSocket"];
  const choices = objects(cluster["transportSocketMatches"]);
  if (!isObject(socket)) return merge(cluster, patch);
  if (choices.length === 0) return merge(cluster, { transportSocket: socket });
  const isIt = (choice: JsonObject): boolean => nameOf(choice["transportSocket"]) === socket["name"];
  const first = choices.findIndex(isIt);
  const transportSocketMatches = choices.map((choice, index) =>
    index === first ? merge(choice, { transportSocket: socket }) : choice,
  );
  return { ...cluster, transportSocketMatches };
}

function nameOf(socket: Json | undefined): Json | undefined {
  return isObject(socket) ? socket["name"] : undefined;
}

/** https://istio.io/latest/docs/reference/config/networking/envoy-filter/#EnvoyFilter-ClusterMatch */
function isCluster(name: string, { match }: Patch, run: PatchRun): boolean {
  const asked = match.cluster;
  if (!asked) return true;
  if (asked.name) return asked.name === name;
  const [direction, port = "", subset = "", hostname = ""] = name.split("|");
  const hosts = direction === "inbound" ? run.hostsOn(Number(port)) : [hostname];
  if (asked.subset && asked.subset !== subset) return false;
  if (asked.service && !hosts.includes(asked.service)) return false;
  return !asked.portNumber || asked.portNumber === Number(port);
}
