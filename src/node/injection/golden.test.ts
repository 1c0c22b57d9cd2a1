import { globSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { parseAllDocuments, stringify } from "yaml";
import { parseDocuments } from "../../model/index.ts";
import { proxyRunFor } from "../proxy-config.ts";
import { isFields, type Fields } from "./pod.ts";
import {
  buildPatch,
  decideInjection,
  defaultInjectionSettings,
  injectPod,
  parseInjectionSettings,
  parsePod,
  podFields,
  templatePath,
  valueAt,
  type InjectionSettings,
} from "./index.ts";

const root = join(__dirname, "..", "testdata", "injection");

interface Case {
  readonly namespace?: string;
  readonly settings?: Fields;
  readonly whole?: boolean; // show all of what is injected
}

function settingsOf({ settings }: Case): InjectionSettings {
  const { value, problems } = parseInjectionSettings(stringify(settings ?? {}), "settings");
  if (!value) throw new Error(JSON.stringify(problems));
  return value;
}

const usual = injectPod(pod({ metadata: {}, spec: { containers: [] } }), defaultInjectionSettings).value;
const usualBootstrap = JSON.parse(usual?.metadata.annotations["heddle.io/bootstrap"] ?? "{}") as Fields;

function pod(value: unknown) {
  const parsed = parsePod(value);
  if (!parsed.value) throw new Error(JSON.stringify(parsed.problems));
  return parsed.value;
}

/** A bootstrap without what every one has; the whole is in testdata/bootstrap. */
function special(bootstrap: string | undefined): object {
  const { node, static_resources, layered_runtime } = JSON.parse(bootstrap ?? "{}") as {
    node: object;
    static_resources: Fields;
    layered_runtime: { layers: Fields[] };
  };
  const runtime = layered_runtime.layers.filter(({ name }) => name === "proxy-config");
  const listeners = static_resources["listeners"] as Fields[];
  const known = new Set(listenersOf(usualBootstrap));
  return { node, listeners: listeners.filter(({ name }) => !known.has(name)), ...(runtime.length > 0 && { runtime }) };
}

function listenersOf(bootstrap: Fields): unknown[] {
  return ((bootstrap["static_resources"] as Fields)["listeners"] as Fields[]).map(({ name }) => name);
}

const usualSpec = (usual ? plain(podFields(usual)) : {})["spec"] as Record<string, Fields[]>;
const usualParts = [...(usualSpec["initContainers"] ?? []), ...(usualSpec["volumes"] ?? [])];

/** Of our containers and volumes, what is not as in every pod. */
function abridged(value: unknown): unknown {
  if (!isFields(value)) return value;
  const known = usualParts.find(({ name }) => name === value["name"]);
  if (!known) return value;
  const differs = ([key, item]: [string, unknown]) => key === "name" || !isDeepStrictEqual(item, known[key]);
  const missing = Object.keys(known).filter((key) => !(key in value));
  return {
    ...Object.fromEntries(Object.entries(value).filter(differs)),
    ...(missing.length > 0 ? { without: missing.join(", ") } : {}),
  };
}

/** What a person reviews: the pod, with JSON texts opened. */
function readable(whole: Fields, inFull: boolean): object {
  const spec = Object.entries(whole["spec"] as Fields).map(([key, value]) => [
    key,
    Array.isArray(value) && !inFull ? value.map(abridged) : value,
  ]);
  const template: Fields = { ...whole, spec: Object.fromEntries(spec) as Fields };
  const annotations = { ...((template["metadata"] as Fields)["annotations"] as Record<string, string>) };
  const bootstrap = special(annotations["heddle.io/bootstrap"]);
  for (const name of ["bootstrap", "token-secret", "root-secret"])
    annotations[`heddle.io/${name}`] = `(${annotations[`heddle.io/${name}`]?.length === 0 ? "empty" : "JSON"})`;
  const opened = JSON.parse(JSON.stringify(template), (_, value: unknown) =>
    typeof value === "string" && value.startsWith('{"node"') ? { json: JSON.parse(value) as unknown } : value,
  ) as Fields;
  return { pod: { ...opened, metadata: { ...(opened["metadata"] as Fields), annotations } }, bootstrap };
}

function resultOf(text: string): object {
  const [about = {}, object, ...policies] = parseAllDocuments(text).map((document) => document.toJS() as unknown);
  if (!isFields(object)) throw new Error("no object");
  const settings = settingsOf(about as Case);
  const template = valueAt(object, templatePath(object) ?? []);
  const parsed = parsePod(template, (templatePath(object) ?? []).join("."));
  if (!parsed.value) return { problems: parsed.problems };
  const decision = decideInjection(parsed.value, (about as Case).namespace ?? "default", settings);
  if (!decision.inject) return { decision };
  const frozen = JSON.stringify(template);
  const objects = policies.flatMap((policy) => parseDocuments(stringify(policy), "in.yaml").objects);
  expect(objects).toHaveLength(policies.length);
  const { labels, annotations } = parsed.value.metadata;
  const run = proxyRunFor(objects, { namespace: (about as Case).namespace ?? "default", labels, annotations });
  const { value, problems } = injectPod(parsed.value, settings, run);
  expect(JSON.stringify(template)).toBe(frozen); // the input stays as it is
  if (!value) return { decision, problems };
  const fields = podFields(value);
  // F63: a second time changes nothing, and the patch makes exactly this.
  expect(injectPod(pod(fields), settings, run).value).toEqual(pod(fields));
  expect(applied(template as Fields, buildPatch(template as Fields, fields))).toEqual(plain(fields));
  return { decision, problems, ...readable(plain(fields), (about as Case).whole === true) };
}

function plain(value: object): Fields {
  return JSON.parse(JSON.stringify(value)) as Fields;
}

function applied(template: Fields, operations: ReturnType<typeof buildPatch>): object {
  const result = plain(template) as Record<string, unknown>;
  for (const { op, path, value } of operations) {
    const parent = path.slice(0, -1).reduce((at, step) => at[step] as Record<string, unknown>, result);
    const key = path.at(-1) ?? "";
    if (op === "remove") delete parent[key];
    else parent[key] = plain({ value })["value"];
  }
  return result;
}

it.each(globSync("*/in.yaml", { cwd: root }).sort())("injection/%s", (input) => {
  const file = join(root, dirname(input), "out.yaml");
  const text = stringify(resultOf(readFileSync(join(root, input), "utf8")), {
    aliasDuplicateObjects: false,
    lineWidth: 140,
  });
  if (process.env["HEDDLE_GOLDEN"] === "write") writeFileSync(file, text);
  expect(text).toBe(readFileSync(file, "utf8"));
});

it("the whole bootstrap is the golden one", () => {
  const file = join(root, "..", "bootstrap", "pod.json");
  const text = `${JSON.stringify(usualBootstrap, null, 2)}\n`;
  if (process.env["HEDDLE_GOLDEN"] === "write") writeFileSync(file, text);
  expect(text).toBe(readFileSync(file, "utf8"));
});
