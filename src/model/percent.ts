import { codes } from "./codes.ts";
import type { Place } from "./report.ts";

/** Reports what is not 0 to 100. */
export function checkPercent(percent: number | undefined, place: Place): void {
  if (percent !== undefined && (percent < 0 || percent > 100))
    place.error(codes.percentage, `${percent} is not between 0 and 100`);
}

/** Reports a percentage that is not 0, nor from 0.0001 (the finest that Envoy can do) to 100. */
export function checkFinePercent(percentage: { readonly value?: number } | undefined, place: Place): void {
  const { value } = percentage ?? {};
  if (value === undefined) return;
  if (value < 0 || value > 100 || (value > 0 && value < 0.0001))
    place.at("value").error(codes.percentage, `${value} is neither 0 nor between 0.0001 and 100`);
}
