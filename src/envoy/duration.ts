import type { Duration } from "../../generated/google/protobuf/duration.ts";

const nanosPer = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};
const part = /(\d*)(?:\.(\d*))?(ns|us|\u00b5s|ms|s|m|h)/y;
const longest = 315_576_000_000n * nanosPer.s; // of google.protobuf.Duration: 10,000 years

/**
 * Duration text as Istio and Go write it (`1h30m`, `1.5s`, `100ms`, `0`) as Envoy's message, exact to the nanosecond.
 * The text was checked in `model`; what is no duration, negative or beyond 10,000 years counts as 0s. https://pkg.go.dev/time#ParseDuration
 */
export function durationFrom(text: string): Duration {
  const nanos = nanosFrom(text);
  if (nanos === undefined || nanos > longest) return { seconds: 0, nanos: 0 };
  return { seconds: Number(nanos / nanosPer.s), nanos: Number(nanos % nanosPer.s) };
}

function nanosFrom(text: string): bigint | undefined {
  if (text.length > 64) return undefined; // keeps hostile digits away from bigint arithmetic
  let total = 0n;
  let at = 0;
  while (at < text.length) {
    part.lastIndex = at;
    const [whole = "", integer = "", fraction = "", unit = ""] = part.exec(text) ?? [];
    if (integer === "" && fraction === "") return undefined;
    const per = nanosPer[unit as keyof typeof nanosPer];
    total += BigInt(integer || "0") * per + (BigInt(fraction || "0") * per) / 10n ** BigInt(fraction.length);
    at += whole.length;
  }
  return total;
}
