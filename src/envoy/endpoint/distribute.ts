import type { LocalityRule } from "../cluster/locality-setting.ts";
import type { Locality } from "../../mesh/index.ts";
import type { Group } from "./locality.ts";

type Distribute = Extract<LocalityRule, { kind: "distribute" }>["distribute"];

/**
 * Shares by place: the first rule whose `from` is the client's; places that its `to` does not name get nothing.
 * https://istio.io/latest/docs/tasks/traffic-management/locality-load-balancing/distribute/
 */
export function distribute(groups: readonly Group[], rules: Distribute, client: Locality): Group[] {
  const shares = rules.find(({ from = "" }) => matches(client, from))?.to;
  if (!shares) return [...groups];
  const rest = new Set(groups);
  return Object.entries(shares).flatMap(([place, share]) => {
    const chosen = [...rest].filter(({ locality }) => matches(locality, place));
    const total = chosen.reduce((sum, { weight }) => sum + weight, 0);
    for (const group of chosen) rest.delete(group);
    return chosen.flatMap((group) => withShare(group, Math.ceil((group.weight * share) / total)));
  });
}

/** A share of 0 is none at all; Envoy takes no locality weight of 0. */
function withShare(group: Group, weight: number): Group[] {
  return weight > 0 ? [{ ...group, weight }] : [];
}

/** `us-west/zone1/*`, `us-west/*`, `us-west`: what is left out or `*` is any. */
function matches({ region, zone, subzone }: Locality, pattern: string): boolean {
  const [wantedRegion = "", wantedZone = "*", wantedSubzone = "*"] = pattern.split("/");
  return same(region, wantedRegion) && same(zone, wantedZone || "*") && same(subzone, wantedSubzone || "*");
}

function same(value: string, wanted: string): boolean {
  return wanted === "*" || value === wanted;
}
