/**
 * Writes generated/schemas/*.ts: a strict JSON schema for the spec of every Istio kind that Heddle reads.
 *
 * `@kubernetes-models/istio` ships TypeScript types and compiled validators, but no JSON schemas, and its validators let unknown
 * fields pass. The shape is read from the types; the bounds (integers, ranges, lengths, enums) are asked from the validators by
 * showing them values that are too small, too large, or wrong: their errors name each bound.
 *
 * The schemas of our own kinds are written by hand, in scripts/generate/own, and stand beside the others from here on.
 */
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import ts from "typescript";
import { parse } from "yaml";

interface Schema {
  type?: string;
  properties?: Record<string, Schema>;
  additionalProperties?: Schema | boolean;
  required?: string[];
  items?: Schema;
  enum?: string[];
  atMostOne?: string[][];
  exactlyOne?: string[][];
  $ref?: string;
  $defs?: Record<string, Schema>;
  [bound: string]: unknown;
}

/** The kinds. The package's CRDs are Istio 1.29; a field that is newer is to be added here by name. */
const kinds = [
  { kind: "VirtualService", group: "networking.istio.io" },
  { kind: "DestinationRule", group: "networking.istio.io" },
  { kind: "ServiceEntry", group: "networking.istio.io" },
  { kind: "WorkloadEntry", group: "networking.istio.io" },
  { kind: "Sidecar", group: "networking.istio.io" },
  { kind: "Gateway", group: "networking.istio.io" },
  { kind: "PeerAuthentication", group: "security.istio.io" },
  // Their fields are listed in docs/fields.md; src/model reads them not yet.
  { kind: "Gateway", group: "networking.istio.io" },
  { kind: "WorkloadGroup", group: "networking.istio.io" },
  { kind: "ProxyConfig", group: "networking.istio.io", version: "v1beta1" },
  { kind: "EnvoyFilter", group: "networking.istio.io", version: "v1alpha3" },
  // For their CRDs.
  { kind: "AuthorizationPolicy", group: "security.istio.io" },
  { kind: "RequestAuthentication", group: "security.istio.io" },
  { kind: "Telemetry", group: "telemetry.istio.io" },
  { kind: "WasmPlugin", group: "extensions.istio.io", version: "v1alpha1" },
];

const root = join(import.meta.dirname, "../..");
const models = join(root, "node_modules/@kubernetes-models/istio");
const out = join(root, "generated/schemas");

/** The type literals of a union or intersection, in order; `Exclude<...>` means "or none of the alternatives". */
function literals(node: ts.TypeNode, found: ts.TypeLiteralNode[] = []): ts.TypeLiteralNode[] {
  if (ts.isTypeLiteralNode(node)) found.push(node);
  else if (ts.isParenthesizedTypeNode(node)) literals(node.type, found);
  else if (ts.isUnionTypeNode(node) || ts.isIntersectionTypeNode(node))
    node.types.forEach((type) => literals(type, found));
  return found;
}

const fields = (node: ts.TypeLiteralNode) => node.members.filter(ts.isPropertySignature);
const nameOf = (member: ts.PropertySignature) =>
  ts.isStringLiteral(member.name) ? member.name.text : member.name.getText();

/**
 * The one-of groups of `base & (Exclude<base, ...> | {a required} | {b required})`: fields that a branch requires and the base
 * does not. With an Exclude branch none of them is fine too.
 */
function groups(node: ts.TypeNode, base: readonly string[]): { atMostOne: string[][]; exactlyOne: string[][] } {
  const result = { atMostOne: [] as string[][], exactlyOne: [] as string[][] };
  const visit = (part: ts.TypeNode): void => {
    if (ts.isParenthesizedTypeNode(part)) return visit(part.type);
    if (ts.isIntersectionTypeNode(part)) return part.types.forEach(visit);
    if (!ts.isUnionTypeNode(part)) return;
    const branches = part.types.flatMap((type) => (ts.isTypeLiteralNode(type) ? [type] : []));
    const names = branches.flatMap((branch) =>
      fields(branch)
        .filter((field) => !field.questionToken)
        .map(nameOf)
        .filter((name) => !base.includes(name)),
    );
    const optional = part.types.some((type) => !ts.isTypeLiteralNode(type));
    const known = [...result.atMostOne, ...result.exactlyOne].some((group) => group.join() === names.join());
    if (names.length > 1 && !known) result[optional ? "atMostOne" : "exactlyOne"].push(names);
    // A nested group hides in an intersection inside the union.
    part.types.filter((type) => !ts.isTypeLiteralNode(type)).forEach(visit);
  };
  visit(node);
  return result;
}

const keywords = new Map<ts.SyntaxKind, string>([
  [ts.SyntaxKind.StringKeyword, "string"],
  [ts.SyntaxKind.NumberKeyword, "number"],
  [ts.SyntaxKind.BooleanKeyword, "boolean"],
]);

function schemaOf(node: ts.TypeNode): Schema {
  if (ts.isParenthesizedTypeNode(node)) return schemaOf(node.type);
  const keyword = keywords.get(node.kind);
  if (keyword) return { type: keyword };
  if (ts.isTypeReferenceNode(node) && node.typeName.getText() === "Array" && node.typeArguments?.[0])
    return { type: "array", items: schemaOf(node.typeArguments[0]) };
  if (ts.isUnionTypeNode(node) && node.types.every(ts.isLiteralTypeNode))
    return {
      type: "string",
      enum: node.types.map((type) => (type as ts.LiteralTypeNode).literal.getText().slice(1, -1)),
    };
  const shapes = literals(node);
  const base = shapes[0];
  if (!base) throw new Error(`no schema for type ${node.getText().slice(0, 200)}`);
  return objectSchema(node, base, shapes);
}

function objectSchema(node: ts.TypeNode, base: ts.TypeLiteralNode, shapes: readonly ts.TypeLiteralNode[]): Schema {
  const index = base.members.find(ts.isIndexSignatureDeclaration);
  if (index) return { type: "object", additionalProperties: schemaOf(index.type) };
  const names = fields(base).map(nameOf);
  if (names.length === 0) return { type: "object", additionalProperties: true }; // google.protobuf.Struct: anything
  for (const shape of shapes)
    if (fields(shape).map(nameOf).join() !== names.join())
      throw new Error(`alternatives differ in their fields: ${names.join()}`);
  const properties: Record<string, Schema> = {};
  for (const field of fields(base)) if (field.type) properties[nameOf(field)] = schemaOf(field.type);
  const required = fields(base)
    .filter((field) => !field.questionToken)
    .map(nameOf);
  const { atMostOne, exactlyOne } = groups(node, required);
  return {
    type: "object",
    additionalProperties: false,
    properties,
    ...(required.length > 0 && { required }),
    ...(atMostOne.length > 0 && { atMostOne }),
    ...(exactlyOne.length > 0 && { exactlyOne }),
  };
}

function specSchema(kind: string, group: string, version: string): Schema {
  const file = join(models, group, version, `${kind}.d.ts`);
  const source = ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.Latest, true);
  for (const statement of source.statements) {
    if (!ts.isInterfaceDeclaration(statement) || statement.name.text !== `I${kind}`) continue;
    const spec = statement.members.filter(ts.isPropertySignature).find((member) => nameOf(member) === "spec");
    if (spec?.type) return schemaOf(spec.type);
  }
  throw new Error(`no spec in ${file}`);
}

/** A value of the schema's shape whose leaves are all `leaf(schema)`. */
function probe(schema: Schema, leaf: (schema: Schema) => unknown): unknown {
  if (schema.type === "array") return schema.items ? [probe(schema.items, leaf)] : [];
  if (schema.type !== "object") return leaf(schema);
  if (!schema.properties) return { key: probe(schema.additionalProperties as Schema, leaf) };
  return Object.fromEntries(Object.entries(schema.properties).map(([name, child]) => [name, probe(child, leaf)]));
}

/** The schema at a JSON pointer into a probe. */
function schemaAt(schema: Schema, pointer: string): Schema | undefined {
  let at: Schema | undefined = schema;
  for (const step of pointer.split("/").slice(1)) {
    if (at?.type === "array") at = at.items;
    else at = at?.properties?.[step] ?? (at?.properties ? undefined : (at?.additionalProperties as Schema));
  }
  return at;
}

interface ValidationError {
  instancePath: string;
  keyword: string;
  params: Record<string, unknown>;
}

const bounds = ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "minLength", "maxLength", "minItems"];
const moreBounds = ["maxItems", "minProperties", "maxProperties"];

/** Takes the bounds over that the package's validator knows. */
async function addBounds(schema: Schema, kind: string, group: string, version: string): Promise<void> {
  const module = `${group
    .split(".")
    .map((word) => word[0]?.toUpperCase() + word.slice(1))
    .join("")}${version[0]?.toUpperCase()}${version.slice(1)}${kind}.js`;
  const { validate } = (await import(pathToFileURL(join(models, "_schemas", module)).href)) as {
    validate: ((data: unknown) => boolean) & { errors?: ValidationError[] | null };
  };
  const long = "x".repeat(70_000);
  const probes: unknown[] = [
    probe(schema, (at) => (at.type === "number" ? -1e17 + 0.5 : at.type === "string" ? "" : true)),
    probe(schema, (at) => (at.type === "number" ? 1e17 : at.type === "string" ? long : true)),
    probe(schema, (at) => (at.type === "number" ? 0.5 : at.type === "string" ? "x" : true)),
  ];
  for (const data of [...probes, ...arrayProbes(schema)]) {
    validate({ spec: data });
    for (const error of validate.errors ?? []) takeBound(schema, error);
  }
}

/** One probe for each array, with it empty and too long, and for each map. */
function arrayProbes(schema: Schema, wrap: (inner: unknown) => unknown = (inner) => inner): unknown[] {
  if (schema.type === "array" && schema.items)
    return [
      wrap([]),
      wrap(Array.from({ length: 5000 }, () => "x")),
      ...arrayProbes(schema.items, (inner) => wrap([inner])),
    ];
  if (schema.type !== "object") return [];
  if (!schema.properties) {
    const many = Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`k${i}`, "x"]));
    return [wrap({}), wrap(many), ...arrayProbes(schema.additionalProperties as Schema, (key) => wrap({ key }))];
  }
  return Object.entries(schema.properties).flatMap(([name, child]) =>
    arrayProbes(child, (inner) => wrap({ [name]: inner })),
  );
}

function takeBound(schema: Schema, error: ValidationError): void {
  if (!error.instancePath.startsWith("/spec")) return;
  const at = schemaAt(schema, error.instancePath.slice("/spec".length));
  if (!at) return;
  if (error.keyword === "type" && error.params.type === "integer" && at.type === "number") at.type = "integer";
  if ([...bounds, ...moreBounds].includes(error.keyword)) at[error.keyword] = error.params.limit;
  if (error.keyword === "pattern") at.pattern = error.params.pattern;
}

/** Gives equal parts one definition: a traffic policy stands three times in a DestinationRule. */
function share(schema: Schema): Schema {
  const counts = new Map<string, number>();
  const count = (at: Schema): void => {
    const text = JSON.stringify(at);
    const seen = (counts.get(text) ?? 0) + 1;
    counts.set(text, seen);
    if (seen === 1) children(at).forEach(count);
  };
  count(schema);
  const names = new Map<string, string>();
  const defs: Record<string, Schema> = {};
  const rewrite = (at: Schema, top: boolean): Schema => {
    const text = JSON.stringify(at);
    if (!top && text.length > 100 && (counts.get(text) ?? 0) > 1) {
      let name = names.get(text);
      if (!name) {
        names.set(text, (name = createHash("sha256").update(text).digest("hex").slice(0, 8)));
        defs[name] = rewrite(at, true);
      }
      return { $ref: `#/$defs/${name}` };
    }
    const copy: Schema = { ...at };
    if (at.properties)
      copy.properties = Object.fromEntries(Object.entries(at.properties).map(([k, v]) => [k, rewrite(v, false)]));
    if (at.items) copy.items = rewrite(at.items, false);
    if (typeof at.additionalProperties === "object")
      copy.additionalProperties = rewrite(at.additionalProperties, false);
    return copy;
  };
  const shared = rewrite(schema, true);
  if (Object.keys(defs).length > 0) shared.$defs = defs;
  return shared;
}

function children(at: Schema): Schema[] {
  const more = typeof at.additionalProperties === "object" ? [at.additionalProperties] : [];
  return [...Object.values(at.properties ?? {}), ...(at.items ? [at.items] : []), ...more];
}

mkdirSync(out, { recursive: true });
for (const file of readdirSync(out)) rmSync(join(out, file));
for (const { kind, group, version = "v1" } of kinds) {
  const schema = specSchema(kind, group, version);
  await addBounds(schema, kind, group, version);
  const name = kind.replace(/[a-z](?=[A-Z])/g, "$&-").toLowerCase();
  const header = "// Written by scripts/generate/schemas.ts from @kubernetes-models/istio. Do not edit.\n";
  const text = JSON.stringify(share(schema), null, 1);
  writeFileSync(join(out, `${name}.ts`), `${header}export const schema: Record<string, unknown> = ${text};\n`);
}

const own = join(root, "scripts/generate/own");
for (const file of readdirSync(own).sort()) {
  const schema = parse(readFileSync(join(own, file), "utf8")) as Schema;
  const header = `// Written by scripts/generate/schemas.ts from scripts/generate/own/${file}. Do not edit.\n`;
  const text = JSON.stringify(share(schema), null, 1);
  writeFileSync(
    join(out, file.replace(/\.yaml$/, ".ts")),
    `${header}export const schema: Record<string, unknown> = ${text};\n`,
  );
}
