import { schema } from "../../../generated/schemas/workload-entry.ts";
import { groups, istioKind, type KindDefinition } from "../kind.ts";
import { checkWorkload } from "../workload-address.ts";
import { healthOf } from "./health.ts";

const written = istioKind("WorkloadEntry", groups.networking, schema, (spec, place) => checkWorkload(spec, place));

/** A workload outside Kubernetes: https://istio.io/latest/docs/reference/config/networking/workload-entry/ */
export const workloadEntry: KindDefinition<"WorkloadEntry"> = {
  ...written,
  parse(raw, place, metadata) {
    const spec = written.parse(raw, place, metadata);
    return place.report.failed ? spec : { ...spec, ...healthOf(raw.status, metadata) };
  },
};
