import { ClusterLoadAssignment } from "../../generated/envoy/config/endpoint/v3/endpoint.ts";
import { RouteConfiguration } from "../../generated/envoy/config/route/v3/route.ts";
import { encodeResource, typeUrls, type Resource, type ResourceMap, type XdsType } from "../envoy/index.ts";
import { changedKeys, contentHash, memo, patchedFrom } from "../lib/index.ts";
import { heldResources } from "./holding.ts";
import { placeholder, type Selection } from "./layers.ts";
import { fullTypes } from "./order.ts";
import type { Plan } from "./plan.ts";
import type { Protocol } from "./request.ts";
import type { Held } from "./type-state.ts";
import { absentEntries, assemble, deltaEntries, sotwEntries, type Message } from "./wire.ts";

const encodeDelta = memo(deltaEntries);
const encodeSotw = memo(sotwEntries);

/** A map's version is a sum over its resources, so that their order makes no difference. */
const mapVersion = memo((map: ResourceMap) => contentHash(`${map.size} ${sumsOf(map).join(" ")}`));

/** Of a map that was patched only the patch is summed. */
const sumsOf = memo((map: ResourceMap): Uint32Array => {
  const origin = patchedFrom(map);
  const changed = origin && changedKeys(origin, map);
  const sums = Uint32Array.from(changed ? sumsOf(origin) : [0, 0, 0]);
  if (changed) for (const name of changed) addTo(sums, -1, origin.get(name));
  for (const resource of changed ? changed.map((name) => map.get(name)) : map.values()) addTo(sums, 1, resource);
  return sums;
});

function addTo(sums: Uint32Array, times: 1 | -1, resource: Resource | undefined): void {
  const words = resource ? versionWords(resource) : [];
  for (let i = 0; i < words.length; i++) sums[i] = (sums[i] ?? 0) + times * (words[i] ?? 0);
}

/** In a plain list: a typed array of its own costs six times as much. */
const versionWords = memo(({ name, version }: Resource): readonly number[] => {
  const hash = Buffer.from(contentHash(`${name} ${version}`), "base64url");
  return [hash.readInt32LE(0), hash.readInt32LE(4), hash.readInt32LE(8)];
});

/** One version for all that a client holds of a type: equal content, equal version, across restarts and replicas. */
export function versionOf({ layers, exceptions }: Held): string {
  const held = [mapVersion(layers.shared), mapVersion(layers.own)];
  for (const [name, resource] of exceptions) held.push(`${name} ${resource?.version ?? ""}`);
  return contentHash(held.join("\n"));
}

/**
 * Stands in for what is asked for and does not exist, so that Envoy's start does not wait for it: a route table without routes, a
 * cluster without endpoints. Envoy takes no notice of the removal of a route table it never had.
 */
function standIn(type: "rds" | "eds", name: string): Resource {
  return type === "rds"
    ? encodeResource(type, name, RouteConfiguration, RouteConfiguration.fromPartial({ name }), [])
    : encodeResource(type, name, ClusterLoadAssignment, ClusterLoadAssignment.fromPartial({ clusterName: name }), []);
}

/** What a plan says in the words of a protocol; undefined where that protocol has nothing to say. */
export function buildResponse(
  protocol: Protocol,
  type: XdsType,
  plan: Plan,
  selection: Selection,
  nonce: string,
): { message: Message; version: string } | undefined {
  return protocol === "delta" ? buildDelta(type, plan, selection, nonce) : buildSotw(type, plan, selection, nonce);
}

/** Of these Envoy asks one by one, and does not understand a removal as the answer. */
function isExplained(type: XdsType, name: string, { names }: Selection): boolean {
  return type === "rds" || (type === "vhds" && names.has(name) && !name.endsWith(placeholder));
}

function buildDelta(
  type: XdsType,
  plan: Plan,
  selection: Selection,
  nonce: string,
): { message: Message; version: string } | undefined {
  if (!plan.say) return undefined;
  const entries = plan.adds.map(encodeDelta);
  const removed = [...plan.removed];
  const explained: string[] = [];
  for (const name of plan.absent) (isExplained(type, name, selection) ? explained : removed).push(name);
  if (explained.length > 0 && type === "vhds") entries.push(absentEntries(explained));
  if (explained.length > 0 && type === "rds") entries.push(deltaEntries(explained.map((name) => standIn("rds", name))));
  const version = mapVersion(plan.next.held.layers.shared);
  return { message: assemble(version, entries, typeUrls[type], removed, nonce), version };
}

function buildSotw(
  type: XdsType,
  plan: Plan,
  selection: Selection,
  nonce: string,
): { message: Message; version: string } | undefined {
  const version = versionOf(plan.next.held);
  const wrap = (entries: readonly Uint8Array[]) => ({
    message: assemble(version, entries, typeUrls[type], [], nonce),
    version,
  });
  if (fullTypes.includes(type))
    return plan.say ? wrap(heldResources(plan.next.held, selection).map(encodeSotw)) : undefined;
  if (!plan.anything && plan.adds.length + plan.absent.length === 0) return undefined; // it cannot say that something is gone
  const entries = plan.adds.map(encodeSotw);
  if ((type === "rds" || type === "eds") && plan.absent.length > 0) {
    entries.push(sotwEntries(plan.absent.map((name) => standIn(type, name))));
  }
  return wrap(entries);
}
