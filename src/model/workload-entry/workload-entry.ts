import { schema } from "../../../generated/schemas/workload-entry.ts";
import { groups, istioKind } from "../kind.ts";
import { checkWorkload } from "../workload-address.ts";

/** A workload outside Kubernetes: https://istio.io/latest/docs/reference/config/networking/workload-entry/ */
export const workloadEntry = istioKind("WorkloadEntry", groups.networking, schema, (spec, place) =>
  checkWorkload(spec, place),
);
