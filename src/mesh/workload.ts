import { memo } from "../lib/index.ts";
import type { MeshObject } from "../model/index.ts";
import { noLabels, selects, type Labels } from "./labels.ts";
import { parseLocality, podLocality } from "./locality.ts";
import { ofKind, type ObjectIndex } from "./objects.ts";
import { groupBy } from "./sharing.ts";
import type { Workload } from "./types.ts";

type WorkloadObject = MeshObject<"Pod"> | MeshObject<"WorkloadEntry">;

/** The workloads of one namespace; the same array while none of its objects changes. */
export type NamespaceWorkloads = readonly Workload[];

export interface WorkloadIndex {
  readonly inputs: readonly [pods: readonly WorkloadObject[], entries: readonly WorkloadObject[]];
  readonly byNamespace: ReadonlyMap<string, NamespaceWorkloads>;
  readonly byName: ReadonlyMap<string, Workload>; // name.namespace
}

export const noWorkloads: NamespaceWorkloads = Object.freeze([]);

/** A Pod or WorkloadEntry as a workload of the mesh: https://istio.io/latest/docs/reference/config/networking/workload-entry/ */
const workloadFor = memo((object: WorkloadObject): Workload => {
  const { name, namespace, labels } = object.metadata;
  if (object.kind === "Pod") {
    const { serviceAccountName: serviceAccount, podIPs: addresses } = object.spec;
    return Object.freeze({ name, namespace, serviceAccount, addresses, labels, locality: podLocality(labels), object });
  }
  const { serviceAccount = "default", address, locality } = object.spec;
  return Object.freeze({
    name,
    namespace,
    serviceAccount,
    addresses: Object.freeze(address ? [address] : []),
    labels: Object.freeze({ ...object.spec.labels, ...labels }), // metadata wins, as in Istio
    locality: parseLocality(locality),
    object,
  });
});

/** Every workload that can run: pods that have ended are gone. A Pod wins over a WorkloadEntry of its name. */
export function buildWorkloads(objects: ObjectIndex, previous?: WorkloadIndex): WorkloadIndex {
  const pods = ofKind(objects, "Pod");
  const entries = ofKind(objects, "WorkloadEntry");
  if (previous && previous.inputs[0] === pods && previous.inputs[1] === entries) return previous;
  const workloads: Workload[] = [];
  for (const pod of pods) if (!pod.spec.terminated) workloads.push(workloadFor(pod));
  for (const entry of entries) workloads.push(workloadFor(entry));
  const byName = new Map<string, Workload>();
  for (const workload of workloads) {
    const name = `${workload.name}.${workload.namespace}`;
    if (!byName.has(name)) byName.set(name, workload);
  }
  const byNamespace = groupBy(workloads, (workload) => workload.namespace, previous?.byNamespace);
  return { inputs: [pods, entries], byNamespace, byName };
}

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
