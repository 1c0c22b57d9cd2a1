import { RouteAction_RequestMirrorPolicy } from "../../../generated/envoy/config/route/v3/route_components.ts";
import type { HttpRoute } from "../../model/index.ts";
import { fractionalPercent } from "../http/index.ts";
import { type Destination, destinationCluster, type RouteContext } from "./destination.ts";

/**
 * Copies of requests whose answers nobody reads: all of them, unless a percentage says less.
 * https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPMirrorPolicy
 */
export function buildMirrors(rule: HttpRoute, context: RouteContext): RouteAction_RequestMirrorPolicy[] {
  const mirrors = [
    ...(rule.mirror ? [{ destination: rule.mirror, percent: mirrorPercent(rule) }] : []),
    ...(rule.mirrors ?? []).map(({ destination, percentage }) => ({ destination, percent: valueOf(percentage) })),
  ];
  return mirrors
    .filter(({ percent }) => percent > 0)
    .map(({ destination, percent }) => buildMirror(destination, percent, context));
}

/** The one field of three, two of them deprecated, that was written. */
function mirrorPercent({ mirrorPercentage, mirrorPercent, mirror_percent }: HttpRoute): number {
  if (mirrorPercentage) return valueOf(mirrorPercentage);
  return mirrorPercent ?? mirror_percent ?? 100;
}

function valueOf(percentage: HttpRoute["mirrorPercentage"]): number {
  return percentage ? (percentage.value ?? 0) : 100;
}

function buildMirror(
  destination: Destination,
  percent: number,
  context: RouteContext,
): RouteAction_RequestMirrorPolicy {
  return RouteAction_RequestMirrorPolicy.fromPartial({
    cluster: destinationCluster(destination, context),
    runtimeFraction: { defaultValue: fractionalPercent(percent) },
    traceSampled: false, // the copy is no part of what its caller traces
  });
}
