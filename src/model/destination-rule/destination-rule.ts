import { schema } from "../../../generated/schemas/destination-rule.ts";
import { codes } from "../codes.ts";
import { checkExportTo } from "../export-to.ts";
import { groups, istioKind } from "../kind.ts";
import { checkLabels, checkSelector, checkWildcardHost, isIp, isLabel, show } from "../names.ts";
import { normaliseHosts } from "../normal-hosts.ts";
import { each, type Place } from "../report.ts";
import type { DestinationRuleSpec } from "../types.ts";
import { checkTrafficPolicy } from "./traffic-policy.ts";

/** What applies to traffic after routing: https://istio.io/latest/docs/reference/config/networking/destination-rule/ */
export const destinationRule = istioKind("DestinationRule", groups.networking, schema, (spec, place, { namespace }) => {
  normaliseHosts(spec, "host");
  if (!isIp(spec.host)) checkWildcardHost(spec.host, place.at("host"));
  checkTrafficPolicy(spec.trafficPolicy, place.at("trafficPolicy"));
  checkSubsets(spec, place.at("subsets"));
  checkExportTo(spec.exportTo, place.at("exportTo"), { namespace });
  const { workloadSelector, exportTo = [] } = spec;
  if (!workloadSelector) return;
  checkSelector(workloadSelector.matchLabels, place.at("workloadSelector"));
  if (exportTo.some((entry) => entry !== "." && entry !== namespace))
    place.at("exportTo").error(codes.exportTo, "a rule with a workloadSelector stays in its own namespace");
});

function checkSubsets(spec: DestinationRuleSpec, place: Place): void {
  const names = new Set<string>();
  each(spec.subsets, place, (subset, at) => {
    if (names.has(subset.name)) at.at("name").error(codes.duplicate, `the subset "${show(subset.name)}" stands twice`);
    names.add(subset.name);
    if (!isLabel(subset.name)) at.at("name").error(codes.name, `"${show(subset.name)}" is not a subset name`);
    checkLabels(subset.labels, at.at("labels"));
    checkTrafficPolicy(subset.trafficPolicy, at.at("trafficPolicy"), spec.trafficPolicy);
  });
}
