import { OutlierDetection } from "../../../generated/envoy/config/cluster/v3/outlier_detection.ts";
import { durationFrom } from "../duration.ts";
import type { OutlierDetection as OutlierPolicy } from "./policy.ts";

/**
 * Ejects hosts that fail: https://istio.io/latest/docs/reference/config/networking/destination-rule/#OutlierDetection
 * Envoy's statistical detector stays off, as users of Istio expect; what is not set is Envoy's default (5 errors in a row, 10 s, 30 s, 10 %).
 */
export function buildOutlierDetection(outlier: OutlierPolicy): OutlierDetection {
  const { consecutive5xxErrors: errors, consecutiveGatewayErrors: gateway, maxEjectionPercent = 0 } = outlier;
  return OutlierDetection.fromPartial({
    enforcingSuccessRate: 0,
    ...(errors !== undefined && { consecutive5xx: errors, enforcingConsecutive5xx: enforced(errors) }),
    ...(gateway !== undefined && {
      consecutiveGatewayFailure: gateway,
      enforcingConsecutiveGatewayFailure: enforced(gateway),
    }),
    ...(outlier.interval !== undefined && { interval: durationFrom(outlier.interval) }),
    ...(outlier.baseEjectionTime !== undefined && { baseEjectionTime: durationFrom(outlier.baseEjectionTime) }),
    ...(maxEjectionPercent > 0 && { maxEjectionPercent }),
    ...(outlier.splitExternalLocalOriginErrors && localOrigin(outlier.consecutiveLocalOriginFailures ?? 0)),
  });
}

/** 0 errors in a row means: do not eject for it. */
function enforced(errors: number): number {
  return errors > 0 ? 100 : 0;
}

function localOrigin(failures: number): Partial<OutlierDetection> {
  return {
    splitExternalLocalOriginErrors: true,
    enforcingLocalOriginSuccessRate: 0,
    ...(failures > 0 && { consecutiveLocalOriginFailure: failures, enforcingConsecutiveLocalOriginFailure: 100 }),
  };
}
