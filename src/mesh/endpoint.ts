import { byCodeUnit, changedKeys, memo, patchMap } from "../lib/index.ts";
import type { MeshObject } from "../model/index.ts";
import { kubernetesEndpoints } from "./kubernetes-endpoint.ts";
import { ofKind, type ObjectIndex } from "./objects.ts";
import type { Registry, RegistryEntry } from "./registry.ts";
import { serviceEntryEndpoints } from "./service-entry-endpoint.ts";
import { derive, groupBy, keepList, keepMap, sameContent, sameItems, type Derived } from "./sharing.ts";
import type { Endpoint, EndpointSet, MeshSettings, Service } from "./types.ts";
import { noWorkloads, type NamespaceWorkloads, type WorkloadIndex } from "./workload.ts";

type Slices = readonly MeshObject<"EndpointSlice">[];

export interface EndpointIndex {
  readonly registry: Registry;
  readonly inputs: readonly unknown[]; // beside the registry
  readonly slices: ReadonlyMap<string, Slices>; // by namespace/service
  readonly entries: ReadonlyMap<string, Derived<EndpointSet>>; // by namespace/hostname, as the registry's
  readonly byService: ReadonlyMap<Service, EndpointSet>;
}

/** What endpoints are made of. */
interface EndpointSource {
  readonly objects: ObjectIndex;
  readonly settings: MeshSettings;
  readonly registry: Registry;
  readonly workloads: WorkloadIndex;
}

export const noEndpoints: EndpointSet = Object.freeze({ endpoints: [], serviceAccounts: [] });
const noSlices: Slices = Object.freeze([]);

/** The endpoints of every service; a set is looked at again only when an object that it is made of has changed. */
export function buildEndpoints(source: EndpointSource, previous?: EndpointIndex): EndpointIndex {
  const { objects, settings, registry, workloads } = source;
  const inputs = [settings.trustDomain, workloads, ofKind(objects, "EndpointSlice")];
  const isSame = previous !== undefined && sameItems(previous.inputs, inputs);
  if (isSame && previous.registry === registry) return previous;
  const relisted = isSame ? relistedIn(previous.registry, registry) : undefined;
  if (relisted && previous) return { ...previous, registry, ...again(relisted, source, previous) };
  const slices = groupBy(
    ofKind(objects, "EndpointSlice"),
    (slice) => `${slice.metadata.namespace}/${slice.spec.serviceName}`,
    previous?.slices,
  );
  const listedBefore = isSame ? previous.registry.entries : undefined;
  const entries = new Map<string, Derived<EndpointSet>>();
  const byService = new Map<Service, EndpointSet>();
  for (const [key, listed] of registry.entries) {
    const before = previous?.entries.get(key);
    const isKept = before && listedBefore?.get(key) === listed;
    const entry = isKept ? before : endpointsOf(listed.value, source, slices, before);
    entries.set(key, entry);
    byService.set(listed.value.service, entry.value);
  }
  return { registry, inputs, slices, entries, byService: keepMap(previous?.byService, byService) };
}

/** The names of services that are made of newer objects, where all services are the same and nothing else has changed. */
function relistedIn(before: Registry, after: Registry): readonly string[] | undefined {
  const serviceOf = ({ entries }: Registry, key: string): Service | undefined => entries.get(key)?.value.service;
  const keys = changedKeys(before.entries, after.entries);
  return keys?.every((key) => serviceOf(before, key) === serviceOf(after, key)) ? keys : undefined;
}

/** The endpoints of these services anew. */
function again(
  keys: readonly string[],
  source: EndpointSource,
  previous: EndpointIndex,
): Pick<EndpointIndex, "entries" | "byService"> {
  const entries = new Map<string, Derived<EndpointSet>>();
  const byService = new Map<Service, EndpointSet>();
  for (const key of keys) {
    const listed = source.registry.entries.get(key);
    if (!listed) continue;
    const entry = endpointsOf(listed.value, source, previous.slices, previous.entries.get(key));
    entries.set(key, entry);
    byService.set(listed.value.service, entry.value);
  }
  return { entries: patchMap(previous.entries, entries), byService: patchMap(previous.byService, byService) };
}

function endpointsOf(
  entry: RegistryEntry,
  { settings: { trustDomain }, workloads }: EndpointSource,
  slices: EndpointIndex["slices"],
  previous: Derived<EndpointSet> | undefined,
): Derived<EndpointSet> {
  const { parts, service } = entry;
  const itsSlices = slices.get(`${service.namespace}/${service.name}`) ?? noSlices;
  const neighbours = workloads.byNamespace.get(service.namespace) ?? noWorkloads;
  const needed = parts.some(readsWorkloads) ? neighbours : noWorkloads;
  return derive(previous, [trustDomain, parts, itsSlices, needed], (old) =>
    endpointSet(trustDomain, listEndpoints(entry, itsSlices, needed), old),
  );
}

function readsWorkloads(part: Service): boolean {
  return part.object.kind === "Service" || part.object.spec.workloadSelector !== undefined;
}

function listEndpoints(entry: RegistryEntry, slices: Slices, workloads: NamespaceWorkloads): Endpoint[] {
  return entry.parts.flatMap((part) =>
    part.object.kind === "Service"
      ? kubernetesEndpoints(part, part.object, slices, workloads)
      : serviceEntryEndpoints(part, part.object, workloads),
  );
}

/** Sorted by address, so that the order of the input does not show; endpoints that say the same as before stay the same objects. */
function endpointSet(trustDomain: string, found: readonly Endpoint[], old: EndpointSet | undefined): EndpointSet {
  const before = old && endpointsByName(old.endpoints);
  const endpoints = found
    .map((endpoint) => {
      const known = before?.get(endpointName(endpoint));
      return known && sameContent(known, endpoint) ? known : endpoint;
    })
    .sort((a, b) => byCodeUnit(a.address, b.address) || byCodeUnit(endpointName(a), endpointName(b)));
  const accounts = new Set<string>();
  for (const { serviceAccount, namespace } of endpoints) {
    if (serviceAccount) accounts.add(`spiffe://${trustDomain}/ns/${namespace}/sa/${serviceAccount}`);
  }
  const next = {
    endpoints: keepList(old?.endpoints, endpoints),
    serviceAccounts: keepList(old?.serviceAccounts, [...accounts].sort(byCodeUnit)),
  };
  const same = next.endpoints === old?.endpoints && next.serviceAccounts === old.serviceAccounts;
  return same ? old : Object.freeze(next);
}

const endpointsByName = memo(
  (endpoints: readonly Endpoint[]): ReadonlyMap<string, Endpoint> =>
    new Map(endpoints.map((endpoint) => [endpointName(endpoint), endpoint])),
);

function endpointName(endpoint: Endpoint): string {
  return `${endpoint.address}/${endpoint.workload}/${JSON.stringify(endpoint.ports)}`;
}
