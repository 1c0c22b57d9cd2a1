import { codes } from "./codes.ts";
import type { Place } from "./report.ts";

const milliseconds: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

/** What Go's time.Duration can hold. */
const longest = 2 ** 63 / 1e6;

/**
 * A duration as Istio writes it (`1h30m`, `1.5s`, `250ms`) in milliseconds; undefined if it is none.
 * https://pkg.go.dev/time#ParseDuration
 */
export function parseDuration(text: string): number | undefined {
  if (text.length > 64) return undefined;
  const sign = text.startsWith("-") ? -1 : 1;
  const rest = text.replace(/^[-+]/, "");
  if (rest === "0") return 0;
  let total = 0;
  let read = 0;
  for (const part of rest.matchAll(/([0-9]+(?:\.[0-9]*)?|\.[0-9]+)(ns|us|\u00b5s|\u03bcs|ms|s|m|h)/gy)) {
    total += Number(part[1]) * (milliseconds[part[2] ?? ""] ?? Number.NaN);
    read += part[0].length;
  }
  if (read === 0 || read !== rest.length || !(total < longest)) return undefined;
  return sign * (Math.round(total * 1e6) / 1e6);
}

/** Bounds of a duration in milliseconds; `zero`: 0 is allowed too and means "off". */
export interface DurationBounds {
  readonly min?: number;
  readonly max?: number;
  readonly zero?: boolean;
}

/** Reports text that is no duration of whole milliseconds, or out of bounds: Istio's are at least 1ms. */
export function checkDuration(text: string | undefined, place: Place, bounds: DurationBounds = {}): void {
  if (text === undefined) return;
  const { min = 1, max = longest, zero = false } = bounds;
  const duration = parseDuration(text);
  if (duration === undefined)
    return place.error(
      codes.duration,
      `"${text.slice(0, 40)}" is not a duration`,
      `write it as 10s, 1.5s, 250ms or 1h30m`,
    );
  if (duration === 0 && zero) return;
  if (duration < min || duration > max)
    return place.error(
      codes.duration,
      max === longest ? `must be at least ${min}ms` : `must be from ${min}ms to ${max}ms`,
    );
  if (!Number.isInteger(duration)) place.error(codes.duration, "must be whole milliseconds");
}
