/** Which behaviour test, with requests through stock Envoys, is about a field. */
import { globSync } from "node:fs";
import { readText } from "./schemas.ts";

interface Suite {
  readonly name: string;
  readonly text: string;
}

/** Levels that a policy may stand at: tests write them once, around policies that change. */
const levels = new Set(["trafficPolicy", "subsets", "portLevelSettings"]);

/** The tests of `e2e`, but for those that put all goldens through Envoy or look at the control plane only. */
export class Suites {
  readonly #suites: readonly Suite[];

  constructor(root: string) {
    this.#suites = globSync("e2e/*.test.ts", { cwd: root })
      .sort()
      .filter((file) => !/\/(?:golden|commands|cli|nack)\.test/.test(file))
      .map((file) => ({ name: file.slice("e2e/".length, -".test.ts".length), text: readText(root, file) }));
  }

  /** The test that writes the field, of several the one that writes its name most often. */
  showing(field: string): string | undefined {
    const count = ({ text }: Suite): number => text.split(`${stepsOf(field).at(-1)}`).length;
    const writing = this.#suites.filter(({ text }) => writes(text, field));
    return writing.sort((a, b) => count(b) - count(a))[0]?.name;
  }

  /** Whether the test of that name exists and writes the field. */
  shows(name: string, field: string): boolean {
    const suite = this.#suites.find((one) => one.name === name);
    return suite !== undefined && writes(suite.text, field);
  }
}

function stepsOf(field: string): string[] {
  return field.replaceAll("[]", "").split(".");
}

/** True when the test has the kind, and the field inside of the fields around it. */
function writes(text: string, field: string): boolean {
  const [kind = "", ...path] = stepsOf(field);
  const named = path.filter((step, index) => !levels.has(step) || index === path.length - 1);
  return text.includes(kind) && holds(text, named);
}

function holds(text: string, [step, ...rest]: readonly string[]): boolean {
  if (step === undefined) return true;
  for (const end of endsOf(step, text)) if (holds(valueAt(text, end, step), rest)) return true;
  return false;
}

/** Where the text goes on behind each writing of a name: `name:`, `"name":`, or `name,` and `name }` of a shorthand. */
function* endsOf(name: string, text: string): Iterable<number> {
  for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + 1)) {
    const mark = /^["']?\s*[:,}]/.exec(text.slice(at + name.length, at + name.length + 20))?.[0];
    if (mark !== undefined && !/[\w.]/.test(text[at - 1] ?? "")) yield at + name.length + mark.length;
  }
}

/** The value behind a name: what the brackets hold, or the lines that stand deeper; everything, where a template or a variable puts fields in. */
function valueAt(text: string, start: number, name: string): string {
  const value = text.slice(start).trimStart();
  if (isParameter(text, start, name)) return text;
  if (value.startsWith("JSON.stringify") || value.startsWith("${")) return text;
  const own = /^[{[]/.test(value) ? value.slice(0, endOfBrackets(value)) : deeperLines(text, start);
  return /[[{,\n]\s*\$\{\w+\}\s*(?!:)/.test(own) ? text : own;
}

/** A shorthand of what a function of the test is given: its value is written where that is called. */
function isParameter(text: string, start: number, name: string): boolean {
  const isShorthand = /[,}]/.test(text.charAt(start - 1));
  return isShorthand && [`${name}: object,`, `${name}: object)`, `${name}: object[]`].some((one) => text.includes(one));
}

function deeperLines(text: string, start: number): string {
  const indent = /^[ -]*/.exec(text.slice(text.lastIndexOf("\n", start - 1) + 1))?.[0].length ?? 0;
  const [first = "", ...lines] = text.slice(start).split("\n");
  const end = lines.findIndex((line) => line.search(/[^ -]/) <= indent);
  return [first, ...lines.slice(0, end < 0 ? lines.length : end)].join("\n");
}

function endOfBrackets(value: string): number {
  let depth = 0;
  for (let at = 0; at < value.length; at++) {
    if ("{[".includes(value[at] ?? "")) depth++;
    else if ("}]".includes(value[at] ?? "") && --depth === 0) return at + 1;
  }
  return value.length;
}
