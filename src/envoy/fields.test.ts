import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { schema as destinationRule } from "../../generated/schemas/destination-rule.ts";
import { schema as peerAuthentication } from "../../generated/schemas/peer-authentication.ts";
import { schema as serviceEntry } from "../../generated/schemas/service-entry.ts";
import { schema as virtualService } from "../../generated/schemas/virtual-service.ts";
import { schema as workloadEntry } from "../../generated/schemas/workload-entry.ts";
import { formatPath, splitDocuments, type FieldPath, type MeshObject } from "../model/index.ts";
import { buildResources } from "./build.ts";
import { parseCase } from "./golden-case.ts";

/**
 * No field is passed over in silence: each one that Istio's API has is in a golden whose output is another one without it, or
 * `heddle check` says that it does nothing, or refuses it.
 */
interface Schema {
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, Schema>>;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
}

type Fields = Readonly<Record<string, unknown>>;

const schemas = {
  VirtualService: virtualService,
  DestinationRule: destinationRule,
  ServiceEntry: serviceEntry,
  WorkloadEntry: workloadEntry,
  PeerAuthentication: peerAuthentication,
} as Readonly<Record<string, Schema>>;

type MeshConfigField = keyof MeshObject<"MeshConfig">["spec"];
const meshConfig = Object.keys({
  trustDomain: 0,
  trustDomainAliases: 0,
  rootNamespace: 0,
  enableAutoMtls: 0,
  outboundTrafficPolicy: 0,
  connectTimeout: 0,
  protocolDetectionTimeout: 0,
  tcpKeepalive: 0,
  defaultHttpRetryPolicy: 0,
  defaultServiceExportTo: 0,
  defaultVirtualServiceExportTo: 0,
  defaultDestinationRuleExportTo: 0,
  localityLbSetting: 0,
  accessLogFile: 0,
  accessLogFormat: 0,
  accessLogEncoding: 0,
  dnsRefreshRate: 0,
  pathNormalization: 0,
} satisfies Record<MeshConfigField, 0>);

/** Errors in every value; see the model's tests. */
const refused = ["fault.abort.http2Error", "fault.delay.exponentialDelay"].map(
  (field) => `VirtualService.http[].${field}`,
);

const root = join(__dirname, "testdata");
const cases = globSync("**/in.yaml", { cwd: root }).sort();
const read = (file: string) => readFileSync(join(root, file), "utf8");

it("changes what a sidecar is served, or is told to change nothing: every field", () => {
  const seen = effective();
  const told = toldFields();
  const missing = expectedFields().filter(
    (field) => !seen.has(normal(field)) && !told.some((one) => isWithin(normal(field), one)),
  );
  expect(missing.filter((field) => !refused.includes(field))).toEqual([]);
  expect(told.length).toBeGreaterThan(10);
});

function expectedFields(): string[] {
  const fields = meshConfig.map((field) => `MeshConfig.${field}`);
  for (const [kind, schema] of Object.entries(schemas)) fields.push(...fieldsOf(schema, schema, kind));
  return fields;
}

function fieldsOf(schema: Schema, whole: Schema, path: string): string[] {
  const here = schema.$ref === undefined ? schema : (whole.$defs?.[schema.$ref.slice("#/$defs/".length)] ?? {});
  const own = Object.entries(here.properties ?? {}).flatMap(([name, child]) => [
    `${path}.${name}`,
    ...fieldsOf(child, whole, `${path}.${name}`),
  ]);
  return here.items ? [...own, ...fieldsOf(here.items, whole, `${path}[]`)] : own;
}

/** A policy's parts are the same at each level where it may stand; that a level has them is asked for the parts alone. */
function normal(field: string): string {
  const level = /^(\w+)\.(?:subsets\[\]\.)?trafficPolicy(?:\.portLevelSettings\[\])?\.(\w+)(\.|\[)/;
  return field
    .replace("subsets[].trafficPolicy.portLevelSettings[]", "trafficPolicy.portLevelSettings[]")
    .replace(level, "$1.trafficPolicy.$2$3");
}

/** The fields without which some golden is another one. */
function effective(): ReadonlySet<string> {
  const seen = new Set<string>();
  for (const file of cases) {
    const documents = splitDocuments(read(file)).map(({ text }) => parse(text) as Fields);
    const before = served(documents);
    for (const [index, document] of documents.entries()) {
      const kind = String(document["kind"]);
      if (schemas[kind] === undefined && kind !== "MeshConfig") continue;
      const at = Object.hasOwn(document, "spec") ? ["spec"] : [];
      for (const path of pathsIn(at.length > 0 ? document["spec"] : document)) {
        const field = normal(`${kind}.${formatPath(path).replaceAll(/\[\d+\]/g, "[]")}`);
        if (seen.has(field)) continue;
        const changed = documents.with(index, without(document, [...at, ...path]));
        if (served(changed) !== before) seen.add(field);
      }
    }
  }
  return seen;
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

function without(document: Fields, path: FieldPath): Fields {
  const copy = structuredClone(document);
  const parent = path.slice(0, -1).reduce<object>((value, step) => Reflect.get(value, step) as object, copy);
  Reflect.deleteProperty(parent, path.at(-1) ?? "");
  return copy;
}

/** Names and versions of all resources, as one text. */
function served(documents: readonly Fields[]): string {
  const text = documents.map((document) => stringify(document, { aliasDuplicateObjects: false })).join("---\n");
  const { shared, own } = buildResources(parseCase(text).view, { vhds: true });
  const resources = [shared, own].flatMap((set) => Object.values(set)).flatMap((map) => [...map.values()]);
  return resources
    .map(({ type, name, version }) => `${type} ${name} ${version}`)
    .sort()
    .join("\n");
}

/** The fields of which the golden of unsupported fields says that they do nothing. */
function toldFields(): string[] {
  return parseCase(read("unsupported/invalid-fields/in.yaml")).problems.map(({ object, field = "" }) => {
    const path = field.replace(/^spec\./, "").replaceAll(/\[\d+\]/g, "[]");
    return normal(`${object?.kind ?? ""}.${path.replace(/\[\]$/, "")}`);
  });
}

function isWithin(field: string, ancestor: string): boolean {
  return field === ancestor || field.startsWith(`${ancestor}.`) || field.startsWith(`${ancestor}[`);
}
