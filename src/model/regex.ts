import { codes } from "./codes.ts";
import type { Place } from "./report.ts";

/** Longer expressions make Envoy's RE2 programs large; Istio has the same bound. */
const maxRegex = 1024;

/**
 * Reports an expression that Envoy's RE2 would refuse for certain. It is only looked at, never compiled: in JavaScript thirty
 * characters can block for twenty seconds (FAULTS F32). https://github.com/google/re2/wiki/Syntax
 */
export function checkRegex(regex: string, place: Place): void {
  if (regex === "") return place.error(codes.regex, "the expression must not be empty");
  if (regex.length > maxRegex) return place.error(codes.regex, `the expression is longer than ${maxRegex} characters`);
  const fault = faultOf(regex);
  if (fault !== undefined)
    place.error(codes.regex, fault, "expressions are RE2: https://github.com/google/re2/wiki/Syntax");
}

function faultOf(regex: string): string | undefined {
  let open = 0;
  for (let at = 0; at < regex.length; at++) {
    const char = regex[at];
    if (char === "\\") {
      const next = regex[++at];
      if (next === undefined) return "ends with a backslash";
      if (next >= "1" && next <= "9") return `\\${next}: RE2 has no back-references`;
      if (next === "Q") at = endOf(regex, "\\E", at);
    } else if (char === "[") {
      at = endOfClass(regex, at);
      if (at >= regex.length) return "a [ is not closed";
    } else if (char === "(") {
      if (/^\((?:\?[=!]|\?<[=!])/.test(regex.slice(at, at + 4))) return "RE2 has no look-ahead or look-behind";
      open++;
    } else if (char === ")" && --open < 0) return "a ) closes nothing";
    else if ((char === "*" || char === "+" || char === "?") && !repeatable(regex, at)) return `${char} repeats nothing`;
  }
  return open > 0 ? "a ( is not closed" : undefined;
}

function endOf(regex: string, mark: string, from: number): number {
  const end = regex.indexOf(mark, from);
  return end === -1 ? regex.length : end + mark.length - 1;
}

/** The index of the `]` that closes a class; a `]` right after `[` or `[^` is a member. */
function endOfClass(regex: string, start: number): number {
  let at = start + 1;
  if (regex[at] === "^") at++;
  if (regex[at] === "]") at++;
  for (; at < regex.length && regex[at] !== "]"; at++) {
    if (regex[at] === "\\") at++;
    else if (regex.startsWith("[:", at)) at = endOf(regex, ":]", at);
  }
  return at;
}

function repeatable(regex: string, at: number): boolean {
  const before = regex[at - 1];
  const escaped = regex[at - 2] === "\\";
  if (before === "(" && regex[at] === "?" && !escaped) return true;
  return before !== undefined && (escaped || (before !== "(" && before !== "|"));
}
