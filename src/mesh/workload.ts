import { memo, memo2, memoNamed } from "../lib/index.ts";
import type { MeshObject } from "../model/index.ts";
import { noLabels, selects, type Labels } from "./labels.ts";
import { parseLocality, podLocality } from "./locality.ts";
import { ofKind, type ObjectIndex } from "./objects.ts";
import { homeNetwork, networkOf } from "./network.ts";
import { groupBy, sameItems } from "./sharing.ts";
import type { Workload } from "./snapshot-types.ts";
import type { MeshSettings } from "./types.ts";

type Pod = MeshObject<"Pod">;
type NodeObject = MeshObject<"Node">;
type WorkloadObject = Pod | MeshObject<"WorkloadEntry">;

/** The workloads of one namespace; the same array while none of its objects changes. */
export type NamespaceWorkloads = readonly Workload[];

export interface WorkloadIndex {
  readonly inputs: readonly [
    pods: readonly Pod[],
    entries: readonly WorkloadObject[],
    nodes: readonly NodeObject[],
    home: string,
  ];
  readonly byNamespace: ReadonlyMap<string, NamespaceWorkloads>;
  readonly byName: ReadonlyMap<string, Workload>; // name.namespace
}

export const noWorkloads: NamespaceWorkloads = Object.freeze([]);

/** A Pod as a workload of the mesh. It is where its node is, unless it says so itself. */
function buildPodWorkload(object: Pod, nodeLabels: Labels, home: string): Workload {
  const { name, namespace, labels } = object.metadata;
  const { serviceAccountName: serviceAccount, podIPs: addresses, nodeName: node } = object.spec;
  const locality = podLocality(labels, nodeLabels);
  const base = { name, namespace, serviceAccount, addresses, labels, locality };
  const network = networkOf(labels, "", home);
  return Object.freeze({ ...base, ...(node !== undefined && { node }), ...(network && { network }), object });
}

const placedPod = memo2((object: Pod, nodeLabels: Labels) => ({ object, nodeLabels }));
const podWorkload = memoNamed(({ object, nodeLabels }: ReturnType<typeof placedPod>, home: string) =>
  buildPodWorkload(object, nodeLabels, home),
);

/** A WorkloadEntry as a workload of the mesh: https://istio.io/latest/docs/reference/config/networking/workload-entry/ */
const entryWorkload = memo((object: MeshObject<"WorkloadEntry">): Workload => {
  const { name, namespace, labels } = object.metadata;
  const { serviceAccount = "default", address, locality } = object.spec;
  const all = Object.freeze({ ...object.spec.labels, ...labels }); // metadata wins, as in Istio
  const network = networkOf(all, object.spec.network);
  return Object.freeze({
    name,
    namespace,
    serviceAccount,
    addresses: Object.freeze(address ? [address] : []),
    labels: all,
    locality: parseLocality(locality),
    ...(network && { network }),
    object,
  });
});

/** Every workload that can run: pods that have ended are gone. A Pod wins over a WorkloadEntry of its name. */
export function buildWorkloads(objects: ObjectIndex, settings: MeshSettings, previous?: WorkloadIndex): WorkloadIndex {
  const pods = ofKind(objects, "Pod");
  const entries = ofKind(objects, "WorkloadEntry");
  const nodes = ofKind(objects, "Node");
  const home = homeNetwork(ofKind(objects, "Namespace"), settings);
  const inputs = [pods, entries, nodes, home] as const;
  if (previous && sameItems(previous.inputs, inputs)) return previous;
  const nodeLabels = new Map(nodes.map(({ metadata }) => [metadata.name, metadata.labels]));
  const running = pods.filter(({ spec }) => !spec.terminated);
  const owners = addressOwners(running);
  const workloads: Workload[] = [];
  for (const pod of running) {
    const workload = podWorkload(placedPod(pod, nodeLabels.get(pod.spec.nodeName ?? "") ?? noLabels), home);
    const lost = workload.addresses.filter((address) => owners.has(address) && owners.get(address) !== pod);
    workloads.push(lost.length === 0 ? workload : withoutAddresses(workload, lost.join()));
  }
  for (const entry of entries) workloads.push(entryWorkload(entry));
  const byName = new Map<string, Workload>();
  for (const workload of workloads) {
    const name = `${workload.name}.${workload.namespace}`;
    if (!byName.has(name)) byName.set(name, workload);
  }
  const byNamespace = groupBy(workloads, (workload) => workload.namespace, previous?.byNamespace);
  return { inputs, byNamespace, byName };
}

/**
 * Who has an address that several pods claim: the youngest. The other is dead, and its deletion has not come yet; nothing that is
 * meant for it may reach the new one (FAULTS F39). Pods of the host's network share its address.
 */
function addressOwners(pods: readonly Pod[]): ReadonlyMap<string, Pod> {
  const first = new Map<string, Pod>();
  const owners = new Map<string, Pod>();
  for (const pod of pods) {
    if (pod.spec.hostNetwork || pod.metadata.createdAt === undefined) continue;
    for (const address of pod.spec.podIPs) {
      const other = owners.get(address) ?? first.get(address);
      first.set(address, pod);
      if (other) owners.set(address, (other.metadata.createdAt ?? 0) > pod.metadata.createdAt ? other : pod);
    }
  }
  return owners;
}

const withoutAddresses = memoNamed((workload: Workload, lost: string): Workload => {
  const gone = new Set(lost.split(","));
  return Object.freeze({ ...workload, addresses: workload.addresses.filter((address) => !gone.has(address)) });
});

/** The workloads of a namespace that a selector selects; an empty or absent one selects none. */
export function selectedWorkloads(workloads: NamespaceWorkloads, selector: Labels = noLabels): NamespaceWorkloads {
  const [first] = Object.entries(selector);
  if (!first) return noWorkloads;
  const candidates = byLabel(workloads).get(`${first[0]}=${first[1]}`) ?? noWorkloads;
  return candidates.filter((workload) => selects(selector, workload.labels));
}

/** The pods of a namespace by name, for what EndpointSlices refer to. */
export const podsByName = memo((workloads: NamespaceWorkloads): ReadonlyMap<string, Workload> => {
  const pods = new Map<string, Workload>();
  for (const workload of workloads) if (workload.object.kind === "Pod") pods.set(workload.name, workload);
  return pods;
});

/** One label of the selector finds the few candidates, so that many services need not walk over all pods. */
const byLabel = memo((workloads: NamespaceWorkloads): ReadonlyMap<string, NamespaceWorkloads> => {
  const index = new Map<string, Workload[]>();
  for (const workload of workloads) {
    for (const [key, value] of Object.entries(workload.labels)) {
      const label = `${key}=${value}`; // a label key holds no "="
      const list = index.get(label);
      if (list) list.push(workload);
      else index.set(label, [workload]);
    }
  }
  return index;
});
