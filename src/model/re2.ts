/**
 * Reads an RE2 expression without compiling it, and says why Envoy would refuse it. What only tables of Unicode could tell (the name in
 * `\p{Name}`) is left to Envoy. https://github.com/google/re2/wiki/Syntax
 */

/** RE2's own bound for counted repetitions, those inside of each other multiplied. */
const maxRepeat = 1000;

/** What Heddle's bootstrap lets a program grow to (`re2.max_program_size.error_level`). */
const maxProgram = 32_768;

/** What stands before a repetition: its instructions, and how often it repeats its innermost part. */
interface Atom {
  readonly size: number;
  readonly repeat: number;
  readonly repeated: boolean;
}

interface Group {
  readonly size: number;
  readonly repeat: number;
  readonly last?: Atom;
}

const empty: Group = { size: 0, repeat: 1 };
const posix = `alnum alpha ascii blank cntrl digit graph lower print punct space upper word xdigit`.split(" ");

/** The fault of an expression; undefined where there is none. */
export function faultOf(regex: string): string | undefined {
  const groups: Group[] = [];
  let group = empty;
  for (let at = 0; at < regex.length;) {
    const rest = regex.slice(at);
    const token = tokenOf(rest);
    if (typeof token === "string") return token;
    at += token.length;
    if (token.kind === "open") {
      groups.push(group);
      group = empty;
    } else if (token.kind === "close") {
      const outer = groups.pop();
      if (!outer) return "a ) closes nothing";
      const { size, repeat } = withoutLast(group);
      group = { ...withoutLast(outer), last: { size: size + 2, repeat, repeated: false } };
    } else if (token.kind === "or") {
      const { size, repeat } = withoutLast(group);
      group = { size: size + 1, repeat };
    } else if (token.kind === "atom") {
      group = { ...withoutLast(group), last: { size: token.size, repeat: 1, repeated: false } };
    } else if (token.kind === "repeat") {
      const repeated = repeatedBy(group.last, token);
      if (typeof repeated === "string") return repeated;
      group = { ...group, last: repeated };
    }
    if (withoutLast(group).size > maxProgram) return `makes a program of more than ${maxProgram} instructions`;
  }
  return groups.length > 0 ? "a ( is not closed" : undefined;
}

/** The group with its last atom counted in. */
function withoutLast({ size, repeat, last }: Group): Group {
  return last ? { size: size + last.size, repeat: Math.max(repeat, last.repeat) } : { size, repeat };
}

interface Repetition {
  readonly kind: "repeat";
  readonly text: string;
  readonly length: number;
  /** Undefined for `*`, `+` and `?`. */
  readonly count?: number;
}

type Token = { readonly length: number } & (
  { readonly kind: "open" | "close" | "or" | "nothing" } | { readonly kind: "atom"; readonly size: number } | Repetition
);

function repeatedBy(last: Atom | undefined, { text, count }: Repetition): Atom | string {
  if (!last) return `${text} repeats nothing`;
  if (last.repeated) return `${text} repeats a repetition`;
  if (count === undefined) return { size: last.size + 1, repeat: last.repeat, repeated: true };
  const repeat = last.repeat * Math.max(count, 1);
  if (repeat > maxRepeat) return `${text} repeats more than ${maxRepeat} times`;
  return { size: (last.size + 1) * Math.max(count, 1), repeat, repeated: true };
}

/** The first token of a text, or what is wrong with it. */
function tokenOf(text: string): Token | string {
  switch (text[0]) {
    case "\\":
      return escapeOf(text);
    case "[":
      return classOf(text);
    case "(":
      return openOf(text);
    case ")":
      return { kind: "close", length: 1 };
    case "|":
      return { kind: "or", length: 1 };
    case "*":
    case "+":
    case "?": {
      const length = text[1] === "?" ? 2 : 1; // lazy
      return { kind: "repeat", text: text.slice(0, length), length };
    }
    case "{":
      return countOf(text) ?? { kind: "atom", size: 1, length: 1 };
    default:
      return { kind: "atom", size: 1, length: 1 };
  }
}

/** `{3}`, `{3,}`, `{3,5}`; anything else in braces is text. */
function countOf(text: string): Repetition | string | undefined {
  const match = /^\{([0-9]+)(?:,([0-9]*))?\}\??/.exec(text);
  if (!match) return undefined;
  const [whole, from = "", to = ""] = match;
  const [least, most] = [Number(from), Number(to === "" ? from : to)];
  if (most < least || most > maxRepeat) return `${whole} is not a repetition of 0 to ${maxRepeat} times`;
  return { kind: "repeat", text: whole, length: whole.length, count: most };
}

function openOf(text: string): Token | string {
  if (text[1] !== "?") return { kind: "open", length: 1 };
  if (/^\(\?<?[=!]/.test(text)) return "RE2 has no look-ahead or look-behind";
  const length = /^\(\?(?:P?<\w+>|(?:[imsU]*|[imsU]*-[imsU]+)[:)])/.exec(text)?.[0].length;
  if (length === undefined) return `RE2 does not know the group ${text.slice(0, 4)}`;
  return { kind: text[length - 1] === ")" ? "nothing" : "open", length };
}

function escapeOf(text: string): Token | string {
  const next = text[1];
  if (next === undefined) return "ends with a backslash";
  if (next === "Q") {
    const end = text.indexOf("\\E");
    const length = end < 0 ? text.length : end + 2;
    return end === 2 ? { kind: "nothing", length } : { kind: "atom", size: length, length };
  }
  if ("bBAzC".includes(next)) return { kind: "atom", size: 1, length: 2 };
  const length = escapeLength(text);
  return typeof length === "string" ? length : { kind: "atom", size: 1, length };
}

/** How long an escape is that may stand in a class too. */
function escapeLength(text: string): number | string {
  const match =
    /^\\(?:[dDsSwWaftnrv]|[1-3][0-7]{1,2}|[4-7][0-7](?![0-7])|0[0-7]{0,2}|x[0-9A-Fa-f]{2}|x\{0*[0-9A-Fa-f]{1,2}\}|[pP](?:[A-Z]|\{\^?\w+\})|[^A-Za-z0-9\u0080-\uffff])/.exec(
      text,
    );
  if (match) return match[0].length;
  return /^\\[1-9]/.test(text)
    ? `${text.slice(0, 2)}: RE2 has no back-references`
    : `RE2 does not know ${text.slice(0, 2)}`;
}

/** `[a-z]`, a `]` right after `[` or `[^` being a member. */
function classOf(text: string): Token | string {
  let at = text[1] === "^" ? 2 : 1;
  for (let first = true; ; first = false) {
    if (at >= text.length) return "a [ is not closed";
    if (text[at] === "]" && !first) return { kind: "atom", size: 2, length: at + 1 };
    const named = /^\[:(\^?\w*):\]/.exec(text.slice(at));
    if (named) {
      if (!posix.includes((named[1] ?? "").replace("^", ""))) return `RE2 does not know the class ${named[0]}`;
      at += named[0].length;
      continue;
    }
    const member = memberOf(text, at);
    if (typeof member === "string") return member;
    at = member;
  }
}

/** Where the text goes on behind a character, an escape, or a range of two. */
function memberOf(text: string, start: number): number | string {
  const low = characterOf(text, start);
  if (typeof low === "string") return low;
  if (low.many || text[low.end] !== "-" || text[low.end + 1] === "]" || low.end + 1 >= text.length) return low.end;
  const high = characterOf(text, low.end + 1);
  if (typeof high === "string") return high;
  const range = text.slice(start, high.end);
  if (high.many) return `${range} is not a range of characters`;
  return low.code <= high.code ? high.end : `${range} is not a range of characters`;
}

interface Character {
  readonly end: number;
  readonly code: number;
  /** A class such as `\d`, which begins and ends no range. */
  readonly many: boolean;
}

const controls: Readonly<Record<string, number>> = { a: 7, f: 12, t: 9, n: 10, r: 13, v: 11 };

function characterOf(text: string, at: number): Character | string {
  if (text[at] !== "\\") return { end: at + 1, code: text.charCodeAt(at), many: false };
  const length = escapeLength(text.slice(at));
  if (typeof length === "string") return length;
  const escape = text.slice(at + 1, at + length);
  const [kind = ""] = escape;
  const end = at + length;
  if ("dDsSwWpP".includes(kind)) return { end, code: 0, many: true };
  if (kind === "x") return { end, code: Number.parseInt(escape.replaceAll(/[x{}]/g, ""), 16), many: false };
  if (/[0-7]/.test(kind)) return { end, code: Number.parseInt(escape, 8), many: false };
  return { end, code: controls[kind] ?? escape.charCodeAt(0), many: false };
}
