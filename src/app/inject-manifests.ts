import { isCollection, parseDocument, type Document } from "yaml";
import type { Problem } from "../lib/index.ts";
import { parseDocuments, readDocument, splitDocuments, type DocumentText, type RawObject } from "../model/index.ts";
import {
  buildPatch,
  decideInjection,
  injectPod,
  isFields,
  parsePod,
  podFields,
  proxyRunFor,
  templatePath,
  valueAt,
  type Fields,
  type InjectionSettings,
  type PatchOperation,
  type ProxyOwner,
  type ProxyRun,
} from "../node/index.ts";

export interface InjectedManifests {
  /** The YAML again. Documents without a workload, and workloads that are not injected, are as they were, byte for byte. */
  readonly output: string;
  readonly problems: readonly Problem[];
}

interface Options {
  readonly settings: InjectionSettings;
  readonly namespace: string; // of what names none
}

/** What ProxyConfigs and MeshConfig of the same text say of a workload's proxy. */
type RunOf = (owner: ProxyOwner) => ProxyRun;

/** Injects the workloads of multi-document YAML. Never throws; problems have file and line. */
export function injectManifests(text: string, file: string, options: Options): InjectedManifests {
  const problems: Problem[] = [];
  const { objects } = parseDocuments(text, file);
  const runOf: RunOf = (owner) => proxyRunFor(objects, owner);
  let output = "";
  let at = 0;
  for (const document of splitDocuments(text)) {
    output += text.slice(at, document.offset);
    output += injectDocument(document, file, { ...options, runOf }, problems);
    at = document.offset + document.text.length;
  }
  return { output: output + text.slice(at), problems };
}

function injectDocument(
  document: DocumentText,
  file: string,
  options: Options & { readonly runOf: RunOf },
  problems: Problem[],
): string {
  const read = readDocument(document, file);
  problems.push(...read.problems);
  const edits = read.objects.flatMap((raw, i) => {
    const found = injectObject(raw, options);
    problems.push(...found.problems);
    return found.operations.map((operation) => ({ ...operation, item: i }));
  });
  if (edits.length === 0 || read.problems.some(({ level }) => level === "error")) return document.text;
  return edited(document.text, edits);
}

interface Edit extends PatchOperation {
  readonly item: number; // of a List
}

/** Changes single fields of a document, so that comments and the order of everything else stay. */
function edited(text: string, edits: readonly Edit[]): string {
  const document: Document = parseDocument(text, { merge: true });
  const list = String(document.get("kind")).endsWith("List");
  for (const { op, path: below, value, item } of edits) {
    const path = list ? ["items", item, ...below] : below;
    unfold(document, path);
    if (op === "remove") document.deleteIn(path);
    else document.setIn(path, document.createNode(value, { aliasDuplicateObjects: false }));
  }
  const body = document.toString({ lineWidth: 0 });
  return text.startsWith("---") && !body.startsWith("---") ? `---\n${body}` : body;
}

/** What was written on one line in braces would become a line of pages. */
function unfold(document: Document, path: readonly unknown[]): void {
  for (let steps = 0; steps < path.length; steps++) {
    const node = document.getIn(path.slice(0, steps), true);
    if (isCollection(node)) node.flow = false;
  }
}

function injectObject(
  raw: RawObject,
  { settings, namespace, runOf }: Options & { readonly runOf: RunOf },
): { readonly operations: readonly PatchOperation[]; readonly problems: readonly Problem[] } {
  const object = raw.value;
  const path = isFields(object) ? templatePath(object) : undefined;
  if (!isFields(object) || path === undefined) return { operations: [], problems: [] };
  const told = raw.report.problems(raw.origin);
  const template = valueAt(object, path);
  const at = path.join(".");
  const parsed = parsePod(template, at);
  const place = (problems: readonly Problem[], below: readonly string[]) =>
    problems.map((problem) => placed(problem, raw, object, below, namespace));
  if (!parsed.value || !isFields(template))
    return { operations: [], problems: [...told, ...place(parsed.problems, [])] };
  const decision = decideInjection(parsed.value, namespaceOf(object, namespace), settings);
  if (!decision.inject) return { operations: [], problems: told };
  const { labels, annotations } = parsed.value.metadata;
  const owner = { namespace: namespaceOf(object, namespace), labels, annotations };
  const injected = injectPod(parsed.value, settings, runOf(owner));
  const problems = [...told, ...place(injected.problems, path)];
  if (!injected.value) return { operations: [], problems };
  const operations = buildPatch(template, podFields(injected.value));
  return {
    operations: operations.map((operation) => ({ ...operation, path: [...path, ...operation.path] })),
    problems,
  };
}

function namespaceOf(object: Fields, otherwise: string): string {
  const metadata = object["metadata"];
  const namespace = isFields(metadata) ? metadata["namespace"] : undefined;
  return typeof namespace === "string" ? namespace : otherwise;
}

/** A problem of a pod at its line in the file. */
function placed(
  problem: Problem,
  raw: RawObject,
  object: Fields,
  below: readonly string[],
  namespace: string,
): Problem {
  const field = [...below, ...(problem.field === undefined ? [] : [problem.field])].join(".");
  const metadata = isFields(object["metadata"]) ? object["metadata"] : {};
  const name = typeof metadata["name"] === "string" ? metadata["name"] : "";
  const kind = typeof object["kind"] === "string" ? object["kind"] : "";
  return {
    ...problem,
    field,
    object: { kind, namespace: namespaceOf(object, namespace), name },
    position: raw.origin.at(stepsOf(field)),
  };
}

/** `spec.containers[0].ports` and `metadata.annotations["a.b/c"]` as steps. */
function stepsOf(field: string): (string | number)[] {
  return [...field.matchAll(/\["((?:[^"\\]|\\.)*)"\]|\[(\d+)\]|([^.[\]]+)/g)].map(([, quoted, index, word]) =>
    index === undefined ? (quoted ?? word ?? "") : Number(index),
  );
}
