import { codes } from "./codes.ts";
import { faultOf } from "./re2.ts";
import type { Place } from "./report.ts";

/** Longer expressions make Envoy's RE2 programs large; Istio has the same bound. */
const maxRegex = 1024;

/**
 * Reports an expression that Envoy's RE2 would refuse. It is only looked at, never compiled: in JavaScript thirty
 * characters can block for twenty seconds (FAULTS F32). https://github.com/google/re2/wiki/Syntax
 */
export function checkRegex(regex: string, place: Place): void {
  if (regex === "") return place.error(codes.regex, "the expression must not be empty");
  if (regex.length > maxRegex) return place.error(codes.regex, `the expression is longer than ${maxRegex} characters`);
  const fault = faultOf(regex);
  if (fault !== undefined)
    place.error(codes.regex, fault, "expressions are RE2: https://github.com/google/re2/wiki/Syntax");
}
