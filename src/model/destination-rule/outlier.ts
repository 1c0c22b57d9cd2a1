import { codes } from "../codes.ts";
import { checkDuration } from "../duration.ts";
import { checkPercent } from "../percent.ts";
import type { Place } from "../report.ts";
import type { TrafficPolicy } from "../types.ts";

type Outlier = NonNullable<TrafficPolicy["outlierDetection"]>;

/** Circuit breaking by ejection: https://istio.io/latest/docs/reference/config/networking/destination-rule/#OutlierDetection */
export function checkOutlier(outlier: Outlier | undefined, place: Place): void {
  if (!outlier) return;
  checkDuration(outlier.baseEjectionTime, place.at("baseEjectionTime"));
  checkDuration(outlier.interval, place.at("interval"));
  checkPercent(outlier.maxEjectionPercent, place.at("maxEjectionPercent"));
  checkPercent(outlier.minHealthPercent, place.at("minHealthPercent"));
  if (outlier.consecutiveErrors !== undefined) {
    if (outlier.consecutiveErrors < 0) place.at("consecutiveErrors").error(codes.outOfRange, "must not be negative");
    place
      .at("consecutiveErrors")
      .warn(
        codes.deprecated,
        "is deprecated and has no effect",
        "use consecutive5xxErrors or consecutiveGatewayErrors",
      );
  }
  if ((outlier.consecutiveLocalOriginFailures ?? 0) > 0 && !outlier.splitExternalLocalOriginErrors)
    place.at("consecutiveLocalOriginFailures").error(codes.conflict, "needs splitExternalLocalOriginErrors: true");
}
