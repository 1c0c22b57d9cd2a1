import { memo2, memo3 } from "../../lib/index.ts";
import type { MeshObject } from "../../model/index.ts";
import { groupLabels } from "../group/member.ts";
import { selects, type Labels } from "../labels.ts";
import { ofKind } from "../objects.ts";
import type { SnapshotParts } from "../snapshot-index.ts";
import type { Workload } from "../snapshot-types.ts";
import { noWorkloads, selectedWorkloads, type WorkloadIndex } from "../workload.ts";
import { codes, type Finding } from "./finding.ts";

/** Kinds with a selector, of workloads of their own namespace; where it is written, and Istio's code for one that selects nobody. */
const selectors = {
  PeerAuthentication: { field: ["spec", "selector"], code: codes.noWorkload },
  DestinationRule: { field: ["spec", "workloadSelector"], code: codes.noWorkload },
  ServiceEntry: { field: ["spec", "workloadSelector"], code: codes.noWorkload },
  Sidecar: { field: ["spec", "workloadSelector"], code: codes.missingReference },
} as const;

type Selecting = MeshObject<keyof typeof selectors>;

function labelsOf(object: Selecting): Labels | undefined {
  switch (object.kind) {
    case "PeerAuthentication":
      return object.spec.selector?.matchLabels;
    case "DestinationRule":
      return object.spec.workloadSelector?.matchLabels;
    case "ServiceEntry":
    case "Sidecar":
      return object.spec.workloadSelector?.labels;
  }
}

/**
 * Objects that select no workload, told where the namespace has workloads at all: elsewhere they may be yet to come, and so may
 * those of a WorkloadGroup.
 * https://istio.io/latest/docs/reference/config/analysis/ist0127/
 */
export function selectorsOfNobody(kind: Selecting["kind"]): (parts: SnapshotParts) => readonly Finding[] {
  return ({ workloads, objects }) => idleSelectors(workloads, ofKind(objects, "WorkloadGroup"), ofKind(objects, kind));
}

const idleSelectors = memo3(
  (
    { byNamespace }: WorkloadIndex,
    groups: readonly MeshObject<"WorkloadGroup">[],
    objects: readonly Selecting[],
  ): readonly Finding[] =>
    byNamespace.size === 0 ? nothing : objects.flatMap((object) => idle(object, byNamespace, groups)),
);

const nothing: readonly Finding[] = [];

function idle(
  object: Selecting,
  workloadsOf: WorkloadIndex["byNamespace"],
  groups: readonly MeshObject<"WorkloadGroup">[],
): readonly Finding[] {
  const labels = labelsOf(object);
  const { namespace } = object.metadata;
  const workloads = workloadsOf.get(namespace) ?? noWorkloads;
  if (!labels || Object.keys(labels).length === 0 || workloads.length === 0) return nothing;
  if (selectedWorkloads(workloads, labels).length > 0) return nothing;
  if (groups.some((group) => group.metadata.namespace === namespace && selects(labels, groupLabels(group))))
    return nothing;
  const { field, code } = selectors[object.kind];
  return [{ code, object, path: field, message: `no workload of namespace ${namespace} has these labels` }];
}

/** Sidecars that select a workload which an older one selects: https://istio.io/latest/docs/reference/config/analysis/ist0110/ */
export const sidecarsOfOneWorkload = memo2(
  ({ byNamespace }: WorkloadIndex, sidecars: readonly MeshObject<"Sidecar">[]): readonly Finding[] => {
    const owners = new Map<Workload, MeshObject<"Sidecar">>();
    return sidecars.flatMap((object): Finding[] => {
      const { namespace } = object.metadata;
      const workloads = byNamespace.get(namespace) ?? noWorkloads;
      const selected = selectedWorkloads(workloads, object.spec.workloadSelector?.labels);
      const taken = selected.find((workload) => owners.has(workload));
      const first = taken && owners.get(taken);
      for (const workload of selected) if (!owners.has(workload)) owners.set(workload, object);
      if (!first) return [];
      const message = `Sidecar ${namespace}/${first.metadata.name} comes first for ${taken.object.kind} ${taken.name}: this one is not used there`;
      const hint = "let one Sidecar select a workload";
      const path = ["spec", "workloadSelector"];
      return [{ code: codes.sidecarsOfOneWorkload, object, path, message, hint }];
    });
  },
);
