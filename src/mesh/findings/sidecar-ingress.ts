import { memo3 } from "../../lib/index.ts";
import { hitsOf, type ServedIndex } from "../served.ts";
import type { SidecarObject } from "../sidecar.ts";
import type { Workload } from "../snapshot-types.ts";
import { noWorkloads, selectedWorkloads, type WorkloadIndex } from "../workload.ts";
import { codes, type Finding } from "./finding.ts";

/**
 * Ingress listeners of Sidecars for workloads of which none has a Service: as on Istio they are left out there.
 * https://istio.io/latest/docs/reference/config/networking/sidecar/#IstioIngressListener
 */
export const unservedIngress = memo3(
  ({ byNamespace }: WorkloadIndex, served: ServedIndex, sidecars: readonly SidecarObject[]): readonly Finding[] =>
    sidecars.flatMap((object): Finding[] => {
      if (!object.spec.ingress?.length) return [];
      const all = byNamespace.get(object.metadata.namespace) ?? noWorkloads;
      const { workloadSelector } = object.spec;
      const selected = workloadSelector ? selectedWorkloads(all, workloadSelector.labels) : all;
      const known = selected.filter(({ addresses }) => addresses.length > 0);
      if (known.length === 0 || known.some((workload) => isServed(served, workload))) return [];
      const message = "none of the workloads that this is for has a Service: as on Istio these listeners are left out";
      const hint = "write a Service, or a ServiceEntry, that selects them";
      return [{ code: codes.missingReference, object, path: ["spec", "ingress"], message, hint }];
    }),
);

function isServed(served: ServedIndex, workload: Workload): boolean {
  return hitsOf(served, workload).length > 0;
}
