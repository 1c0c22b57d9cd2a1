/** What goldens show of a field: that a sidecar is served something else without it, or that `heddle check` says it does nothing. */
import { globSync } from "node:fs";
import { dirname, join } from "node:path";
import { parse, stringify } from "yaml";
import { buildResources } from "../../src/envoy/build.ts";
import { parseCase } from "../../src/envoy/golden-case.ts";
import { injected } from "./injection-goldens.ts";
import { formatPath, splitDocuments, type FieldPath } from "../../src/model/index.ts";
import { normalField, readText } from "./schemas.ts";

/** Where the cases `feature/case` are, and what becomes of their documents, as one text. */
const sources = [
  { folder: "src/envoy/testdata", files: "*/*/in.yaml", made: served },
  { folder: "src/node/testdata", files: "injection/*/in.yaml", made: injected },
] as const;
const told = "src/envoy/testdata";

type Fields = Readonly<Record<string, unknown>>;

/** One place of a golden's input where a field is written. */
interface Writing {
  readonly field: string;
  readonly document: number;
  readonly path: FieldPath;
}

interface Golden {
  readonly name: string;
  readonly documents: readonly Fields[];
  readonly writings: readonly Writing[];
  readonly made: (documents: readonly Fields[]) => string;
}

/** The cases of testdata as `feature/case`, the ones that write least first: they say most about what they write. */
export class Goldens {
  readonly #cases: readonly Golden[];

  constructor(root: string) {
    this.#cases = sources
      .flatMap(({ folder, files, made }) =>
        globSync(files, { cwd: join(root, folder) })
          .sort()
          .map((file) => ({ ...readCase(dirname(file), readText(root, join(folder, file))), made })),
      )
      .sort((a, b) => a.writings.length - b.writings.length);
  }

  /** For each field the first case that is another one without it. */
  effects(): ReadonlyMap<string, string> {
    const seen = new Map<string, string>();
    for (const golden of this.#cases) {
      const unseen = golden.writings.filter(({ field }) => !seen.has(field));
      if (unseen.length === 0) continue;
      const before = golden.made(golden.documents);
      for (const writing of unseen)
        if (!seen.has(writing.field) && madeWithout(golden, writing) !== before) seen.set(writing.field, golden.name);
    }
    return seen;
  }

  /** Whether the case is another one without the field. */
  shows(name: string, field: string): boolean {
    const golden = this.#cases.find((one) => one.name === name);
    const writings = golden?.writings.filter((writing) => writing.field === field) ?? [];
    if (!golden || writings.length === 0) return false;
    const before = golden.made(golden.documents);
    return writings.some((writing) => madeWithout(golden, writing) !== before);
  }
}

/** Fields of which a golden says that they change nothing, and why. */
export function toldFields(root: string): ReadonlyMap<string, string> {
  const files = globSync("unsupported/*/in.yaml", { cwd: join(root, told) }).sort();
  const problems = files.flatMap((file) => parseCase(readText(root, join(told, file))).problems);
  const ofFields = problems.filter(({ field, code }) => field !== undefined && !code.startsWith("HED3"));
  return new Map(
    ofFields.map(({ object, field = "", message }) => [
      nameOf(object?.kind ?? "", field.replace(/^spec\./, "")),
      message,
    ]),
  );
}

function nameOf(kind: string, path: string): string {
  return normalField(`${kind}.${path.replaceAll(/\[\d+\]/g, "[]")}`).replace(/\[\]$/, "");
}

function readCase(name: string, text: string): Omit<Golden, "made"> {
  const documents = splitDocuments(text).map((document) => parse(document.text) as Fields);
  const writings = documents.flatMap((fields, document) => {
    const at = Object.hasOwn(fields, "spec") ? ["spec"] : [];
    const paths = [...pathsIn(at.length > 0 ? fields["spec"] : fields)];
    const kind = String(fields["kind"]);
    return paths.map((path) => ({ field: nameOf(kind, formatPath(path)), document, path: [...at, ...path] }));
  });
  return { name, documents, writings };
}

function* pathsIn(value: unknown): Iterable<FieldPath> {
  if (typeof value !== "object" || value === null) return;
  const isList = Array.isArray(value);
  for (const [name, child] of Object.entries(value)) {
    const step = isList ? Number(name) : name;
    if (!isList) yield [step];
    for (const path of pathsIn(child)) yield [step, ...path];
  }
}

function madeWithout({ documents, made }: Golden, { document, path }: Writing): string {
  const copy = structuredClone(documents[document] ?? {});
  const parent = path.slice(0, -1).reduce<object>((value, step) => Reflect.get(value, step) as object, copy);
  Reflect.deleteProperty(parent, path.at(-1) ?? "");
  return made(documents.with(document, copy));
}

/** Names and versions of all resources, and what members of groups are told, as one text. */
function served(documents: readonly Fields[]): string {
  const text = documents.map((document) => stringify(document, { aliasDuplicateObjects: false })).join("---\n");
  const { view, joined } = parseCase(text);
  const { shared, own } = buildResources(view, { vhds: true });
  const resources = [shared, own].flatMap((set) => Object.values(set)).flatMap((map) => [...map.values()]);
  return [...resources.map(({ type, name, version }) => `${type} ${name} ${version}`).sort(), ...joined].join("\n");
}
