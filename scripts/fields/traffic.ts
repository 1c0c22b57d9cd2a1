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

  /** The test that writes the field, of several the one that writes the names on the way to it most often. */
  showing(field: string): string | undefined {
    const [, ...path] = stepsOf(field);
    const count = ({ text }: Suite): number => Math.min(...path.map((step) => text.split(step).length));
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
  return text.toLowerCase().includes(kind.toLowerCase()) && holds(text, text, named);
}

/** Whether a part of a file writes this path of names. */
function holds(file: string, part: string, [step, ...rest]: readonly string[]): boolean {
  if (step === undefined) return true;
  for (const end of endsOf(step, part)) if (holds(file, valueAt(file, part, end, step), rest)) return true;
  return false;
}

/** Where the text goes on behind each writing of a name: `name:`, `"name":`, or `name,` and `name }` of a shorthand. */
function* endsOf(name: string, text: string): Iterable<number> {
  for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + 1)) {
    const mark = /^["']?\s*[:,}]/.exec(text.slice(at + name.length, at + name.length + 20))?.[0];
    if (mark !== undefined && !/[\w.]/.test(text[at - 1] ?? "")) yield at + name.length + mark.length;
  }
}

/**
 * The value behind a name: what the brackets hold, or the lines that stand deeper, and the constants of the file that are named there;
 * the whole file, where a template, a spread or a parameter puts fields in.
 */
function valueAt(file: string, part: string, start: number, name: string): string {
  const value = part.slice(start).trimStart();
  const isShorthand = /[,}]/.test(part.charAt(start - 1));
  if (isShorthand && isParameter(file, name)) return file;
  if (value.startsWith("JSON.stringify") || value.startsWith("${")) return file;
  const own = /^[{[]/.test(value) ? value.slice(0, endOfBrackets(value)) : deeperLines(part, start);
  if (/[[{,\n]\s*(?:\$\{\w+\}|\.\.\.\w+)\s*(?!:)/.test(own)) return file;
  return [own, ...constantsIn(file, isShorthand ? `: ${name},${own}` : `: ${own}`)].join("\n");
}

/** A shorthand of what a function of the test is given: its value is written where that is called. */
function isParameter(file: string, name: string): boolean {
  return [`${name}: object,`, `${name}: object)`, `${name}: object[]`].some((one) => file.includes(one));
}

/** What the file's constants say that a text names as values, and those that these name; the mesh itself is none. */
function constantsIn(file: string, text: string, seen = new Set<string>()): string[] {
  const names = [...text.matchAll(/(?<=[:[{(,]\s*)[a-z]\w*(?=\s*[,}\]()])/g)].map(([name]) => name);
  return names.flatMap((name) => {
    const at = seen.has(name) ? -1 : Math.max(file.indexOf(`const ${name} =`), file.indexOf(`const ${name}:`));
    if (at < 0 || name === "mesh") return [];
    seen.add(name);
    const declaration =
      file.slice(at).split(/;\n(?=\n|\s*(?:const|it|describe|\}|\/\*\*|\/\/|return|await|expect)\b)/, 1)[0] ?? "";
    return [declaration, ...constantsIn(file, declaration, seen)];
  });
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
