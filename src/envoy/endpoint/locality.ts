import { byCodeUnit } from "../../lib/index.ts";
import type { Endpoint, Locality } from "../../mesh/index.ts";

/** Endpoints of one place that are used alike. */
export interface Group {
  readonly locality: Locality;
  readonly endpoints: readonly Endpoint[];
  /** Share among the groups of one priority, where the cluster weighs localities. */
  readonly weight: number;
  /** 0 is used first; the next when too few hosts of it are healthy. */
  readonly priority: number;
}

/** Envoy's sum of the weights of one assignment must stay below 2^32. */
const heaviest = 4_294_967_295;

/** Endpoints by where they are, in the order of the places' names. */
export function groupByLocality(endpoints: readonly Endpoint[]): Group[] {
  const places = new Map<string, Endpoint[]>();
  for (const endpoint of endpoints) {
    const place = localityText(endpoint.locality);
    const list = places.get(place);
    if (list) list.push(endpoint);
    else places.set(place, [endpoint]);
  }
  return [...places].sort(([a], [b]) => byCodeUnit(a, b)).flatMap(([, list]) => groupOf(list));
}

function groupOf(endpoints: readonly Endpoint[]): Group[] {
  const [first] = endpoints;
  return first ? [{ locality: first.locality, endpoints, weight: weigh(endpoints), priority: 0 }] : [];
}

/** What the endpoints weigh together, each at least 1. */
export function weigh(endpoints: readonly Endpoint[]): number {
  const sum = endpoints.reduce((total, { weight }) => total + Math.max(1, weight), 0);
  return Math.min(sum, heaviest);
}

function localityText({ region, zone, subzone }: Locality): string {
  return `${region}/${zone}/${subzone}`;
}

/** The groups with priorities as given, made to run from 0 without a gap, which Envoy asks for. */
export function rank(groups: readonly Group[], priorityOf: (group: Group) => number): Group[] {
  const wanted = groups.map((group) => ({ group, priority: priorityOf(group) }));
  const order = [...new Set(wanted.map(({ priority }) => priority))].sort((a, b) => a - b);
  return wanted.map(({ group, priority }) => ({ ...group, priority: order.indexOf(priority) }));
}
