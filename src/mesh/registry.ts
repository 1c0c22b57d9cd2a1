import { byCodeUnit, changedKeys, memo, patchMap } from "../lib/index.ts";
import { byCreation } from "../model/index.ts";
import { isAlias, withAliases } from "./alias.ts";
import { withAutoAddresses } from "./auto-address.ts";
import { bySpecificity, isWildcard } from "./host.ts";
import { kubernetesService } from "./kubernetes-service.ts";
import { ofKind, type ObjectIndex } from "./objects.ts";
import { serviceEntryServices } from "./service-entry.ts";
import {
  derive,
  groupBy,
  keepContent,
  keepList,
  regroup,
  sameContent,
  type Derived,
  type Grouping,
} from "./sharing.ts";
import type { MeshSettings, Service } from "./types.ts";

/** One host of one namespace: the service that is seen, and the objects' services that it is made of, for their endpoints. */
export interface RegistryEntry {
  readonly service: Service; // keeps its identity while only endpoints change, so its `object` may be an older version
  readonly parts: readonly Service[]; // from the newest objects
}

export interface Registry {
  readonly inputs: readonly unknown[];
  readonly written: Grouping<string, Service>; // by namespace/hostname
  readonly entries: ReadonlyMap<string, Derived<RegistryEntry>>; // by namespace/hostname
  readonly services: readonly Service[]; // by hostname, then by precedence; the same array while no service changes
}

/** All services of the mesh, one for each host and namespace. */
export function buildRegistry(objects: ObjectIndex, settings: MeshSettings, previous?: Registry): Registry {
  const inputs = [settings, ofKind(objects, "Service"), ofKind(objects, "ServiceEntry")] as const;
  if (previous?.inputs.every((input, i) => input === inputs[i])) return previous;
  const written: Service[] = [];
  for (const object of inputs[1]) if (!isAlias(object)) written.push(kubernetesService(settings, object));
  for (const object of inputs[2]) written.push(...serviceEntryServices(settings, object));
  const all = withAliases(withAutoAddresses(written), inputs[1], settings);
  const grouped = regroup(all, (service) => `${service.namespace}/${service.hostname}`, previous?.written);
  const known = previous && withChanged(previous, grouped.groups);
  if (known) return { inputs, written: grouped, ...known };
  const entries = new Map<string, Entry>();
  for (const [key, group] of grouped.groups) entries.set(key, entryFor(group, previous?.entries.get(key)));
  return { inputs, written: grouped, entries, services: inOrder(entries, previous?.services) };
}

type Entry = Derived<RegistryEntry>;
type Parts = Pick<Registry, "entries" | "services">;

/** As before but for these groups; undefined where names came or went. */
function withChanged(previous: Registry, groups: Registry["written"]["groups"]): Parts | undefined {
  const changed = changedKeys(previous.written.groups, groups);
  if (!changed) return undefined;
  const fresh = changed.map((key) => [key, entryFor(groups.get(key) ?? [], previous.entries.get(key))] as const);
  const entries = patchMap(previous.entries, fresh);
  const isInOrder = fresh.every(([key, entry]) => isSamePlace(previous.entries.get(key), entry));
  return { entries, services: isInOrder ? previous.services : inOrder(entries, previous.services) };
}

function entryFor(group: readonly Service[], previous: Entry | undefined): Entry {
  return derive(previous, group, (old) => {
    const parts = contributors(group);
    return Object.freeze({ parts, service: keepContent(old?.service, merged(parts), "object") });
  });
}

function inOrder(entries: Registry["entries"], previous: readonly Service[] | undefined): readonly Service[] {
  const services = [...entries.values()]
    .sort((a, b) => byHostThenPrecedence(newestOf(a.value), newestOf(b.value)))
    .map(({ value }) => value.service);
  return keepList(previous, services);
}

/** The same service, whose newest version stands where the one before did. */
function isSamePlace(before: Entry | undefined, after: Entry): boolean {
  if (before?.value.service !== after.value.service) return false;
  return byHostThenPrecedence(newestOf(before.value), newestOf(after.value)) === 0;
}

/** Of which the order is taken: a service keeps its identity, and with it an older object. */
function newestOf({ service, parts: [newest] }: RegistryEntry): Service {
  return newest ?? service;
}

/** The services of a hostname in all namespaces, by precedence. */
export const servicesByHost = memo((services: readonly Service[]): ReadonlyMap<string, readonly Service[]> =>
  groupBy(services, (service) => service.hostname),
);

/** The few services that are wildcards, most specific first. */
export const wildcardServices = memo((services: readonly Service[]): readonly Service[] =>
  services.filter(({ hostname }) => isWildcard(hostname)).sort((a, b) => bySpecificity(a.hostname, b.hostname)),
);

/** A Kubernetes service takes precedence over a ServiceEntry, so that nobody squats on its name; else the oldest. */
function byPrecedence(a: Service, b: Service): number {
  const registry = Number(b.registry === "Kubernetes") - Number(a.registry === "Kubernetes");
  return registry || byCreation(a.object, b.object);
}

function byHostThenPrecedence(a: Service, b: Service): number {
  return byCodeUnit(a.hostname, b.hostname) || byPrecedence(a, b);
}

/** Of several objects for one host of one namespace: the first by precedence, and those that agree with it on all but ports and endpoints. */
function contributors(group: readonly Service[]): readonly Service[] {
  const [first, ...others] = group.toSorted(byPrecedence);
  if (!first) return group;
  return Object.freeze([first, ...others.filter((other) => canMerge(first, other))]);
}

/** As Istio's canMergeServices in pilot/pkg/model/sidecar.go. */
function canMerge(a: Service, b: Service): boolean {
  return (
    a.registry === b.registry &&
    a.resolution === b.resolution &&
    sameContent(a.labels, b.labels) &&
    sameContent(a.exportTo, b.exportTo)
  );
}

function merged(parts: readonly Service[]): Service {
  const [first, ...others] = parts;
  if (!first) throw new Error("a registry entry without a service");
  if (others.length === 0) return first;
  const ports = [...first.ports];
  for (const port of others.flatMap((other) => other.ports)) {
    if (!ports.some((known) => known.number === port.number)) ports.push(port);
  }
  return { ...first, ports: Object.freeze(ports) };
}
