import type { FractionalPercent } from "../../../generated/envoy/type/v3/percent.ts";
import { FractionalPercent_DenominatorType } from "../../../generated/envoy/type/v3/percent.ts";

/** Percent (0 to 100, down to 0.0001) as Envoy counts it, in millionths, rounded to the nearest one. */
export function fractionalPercent(percent: number): FractionalPercent {
  const numerator = Math.min(1_000_000, Math.max(0, Math.round(percent * 10_000)));
  return { numerator, denominator: FractionalPercent_DenominatorType.MILLION };
}
