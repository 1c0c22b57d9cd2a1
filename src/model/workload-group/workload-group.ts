import { schema } from "../../../generated/schemas/workload-group.ts";
import { groups, istioKind } from "../kind.ts";
import { checkLabels } from "../names.ts";
import { checkWorkloadPorts } from "../workload-address.ts";
import { checkProbe } from "./probe.ts";

/**
 * Workloads that come and go, such as VMs, and that are alike: https://istio.io/latest/docs/reference/config/networking/workload-group/
 * The template need not say where they are: each tells its address when it joins.
 */
export const workloadGroup = istioKind("WorkloadGroup", groups.networking, schema, (spec, place) => {
  const { metadata, template, probe } = spec;
  checkLabels(metadata?.labels, place.at("metadata", "labels"));
  checkLabels(template.labels, place.at("template", "labels"));
  checkWorkloadPorts(template.ports, place.at("template", "ports"));
  if (probe) checkProbe(probe, place.at("probe"));
});
