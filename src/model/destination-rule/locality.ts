import { codes } from "../codes.ts";
import { show } from "../names.ts";
import { each, type Place } from "../report.ts";
import type { TrafficPolicy } from "../types.ts";

type LocalityLb = NonNullable<NonNullable<TrafficPolicy["loadBalancer"]>["localityLbSetting"]>;

const topology = ["topology.kubernetes.io/region", "topology.kubernetes.io/zone", "topology.istio.io/subzone"];

/** https://istio.io/latest/docs/reference/config/networking/destination-rule/#LocalityLoadBalancerSetting */
export function checkLocalityLb(setting: LocalityLb | undefined, place: Place): void {
  if (!setting) return;
  const { distribute = [], failover = [], failoverPriority = [] } = setting;
  if (distribute.length > 0 && failover.length > 0)
    return place.error(codes.conflict, "only one of distribute and failover may be set");
  if (distribute.length > 0 && failoverPriority.length > 0)
    place.error(codes.conflict, "only one of distribute and failoverPriority may be set");
  if (failover.length > 0)
    each(failoverPriority, place.at("failoverPriority"), (label, at) => {
      if (topology.includes(label)) at.error(codes.conflict, `"${label}" cannot stand together with failover`);
    });
  const sources: string[] = [];
  each(distribute, place.at("distribute"), ({ from = "", to = {} }, at) => {
    checkLocality(from, sources, at.at("from"));
    const targets: string[] = [];
    for (const [locality, weight] of Object.entries(to)) {
      checkLocality(locality, targets, at.at("to", locality));
      if (weight < 1 || weight > 100) at.at("to", locality).error(codes.weight, `${weight} is not between 1 and 100`);
    }
    const total = Object.values(to).reduce((sum, weight) => sum + weight, 0);
    if (total !== 100) at.at("to").error(codes.weight, `the weights add up to ${total}, not to 100`);
  });
  each(failover, place.at("failover"), ({ from = "", to = "" }, at) => {
    if (from === to) at.error(codes.locality, "a region cannot fail over to itself");
    for (const [field, region] of [
      ["from", from],
      ["to", to],
    ] as const)
      if (region.includes("/") || region.includes("*"))
        at.at(field).error(codes.locality, `"${show(region)}" is not a region`);
  });
}

/** `region/zone/subzone`, each part after the first optional, `*` last; not covered by one before. */
function checkLocality(locality: string, seen: string[], place: Place): void {
  const parts = locality.split("/");
  const star = parts.findIndex((part) => part.includes("*"));
  if (parts.length > 3 || parts.includes("") || (star !== -1 && (star !== parts.length - 1 || parts[star] !== "*")))
    return place.error(
      codes.locality,
      `"${show(locality)}" is not a locality`,
      "write region/zone/subzone; only the last part may be *",
    );
  const prefix = locality.replace(/\/?\*$/, "");
  const covers = (outer: string, inner: string) => outer === "" || inner === outer || inner.startsWith(`${outer}/`);
  const other = seen.find((earlier) => covers(earlier, prefix) || covers(prefix, earlier));
  if (other !== undefined)
    place.error(codes.locality, `"${show(locality)}" overlaps another locality of the same list`);
  seen.push(prefix);
}
