import type { LocalityRule } from "../cluster/locality-setting.ts";
import type { Locality } from "../../mesh/index.ts";
import { topologyLabel, type Client } from "./client.ts";
import { rank, weigh, type Group } from "./locality.ts";

type Failover = Extract<LocalityRule, { kind: "failover" }>;

/**
 * Near first: https://istio.io/latest/docs/tasks/traffic-management/locality-load-balancing/failover/
 * By the labels of `failoverPriority` where given, within that (or alone) by region, zone and subzone.
 */
export function failover(groups: readonly Group[], rule: Failover, client: Client): Group[] {
  const { failoverPriority, failover: regions } = rule;
  const byLabel = failoverPriority.length > 0 ? groups.flatMap((group) => splitByLabels(group, rule, client)) : groups;
  if (failoverPriority.length > 0 && regions.length === 0) return rank(byLabel, ({ priority }) => priority);
  const { locality } = client;
  if (!locality) return [...byLabel];
  return rank(byLabel, (group) => group.priority * 5 + distance(locality, group.locality, regions));
}

/** The labels that `failoverPriority` reads of the client: those that do not bring a value of their own (`name=value`). */
export function failoverLabels({ failoverPriority }: Failover): string[] {
  return failoverPriority.filter((text) => !text.includes("="));
}

/** One group for each number of labels, counted from the first, in which endpoint and client agree: the more, the better. */
function splitByLabels(group: Group, rule: Failover, client: Client): Group[] {
  const wanted = wantedLabels(rule, client);
  const byPriority = new Map<number, Group["endpoints"][number][]>();
  for (const endpoint of group.endpoints) {
    const differs = wanted.findIndex(([name, value]) => topologyLabel(endpoint, name) !== value);
    const priority = differs < 0 ? 0 : wanted.length - differs;
    const list = byPriority.get(priority);
    if (list) list.push(endpoint);
    else byPriority.set(priority, [endpoint]);
  }
  const parts = [...byPriority].sort(([a], [b]) => a - b);
  return parts.map(([priority, endpoints]) => ({ ...group, endpoints, priority, weight: weigh(endpoints) }));
}

function wantedLabels(rule: Failover, client: Client): (readonly [string, string])[] {
  return rule.failoverPriority.map((text) => {
    const [name = "", value] = text.split("=");
    return [name, value ?? client.labels.get(name) ?? ""] as const;
  });
}

/** 0: the same place; 3: another region; 4: another region, and not the one named to fail over to. */
function distance(client: Locality, { region, zone, subzone }: Locality, regions: Failover["failover"]): number {
  if (region === client.region) {
    if (zone !== client.zone) return 2;
    return subzone === client.subzone ? 0 : 1;
  }
  const named = regions.find(({ from }) => from === client.region);
  return named && named.to !== region ? 4 : 3;
}
