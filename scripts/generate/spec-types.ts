/**
 * Writes generated/istio/*.ts: the spec of every Istio kind as plain read-only types, from the schemas beside them.
 *
 * The types of `@kubernetes-models/istio` spell each "one of" as an intersection of unions; made read-only at every depth, they
 * cost the compiler minutes and gigabytes. The schemas say the same and check it at run time.
 */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

interface Schema {
  type?: string;
  properties?: Record<string, Schema>;
  additionalProperties?: Schema | boolean;
  required?: string[];
  items?: Schema;
  enum?: string[];
  $ref?: string;
  $defs?: Record<string, Schema>;
}

const root = join(import.meta.dirname, "../..");
const out = join(root, "generated/istio");

function typeOf(schema: Schema, defs: Record<string, Schema>, indent: string): string {
  const shared = schema.$ref?.split("/").pop();
  if (shared !== undefined) return typeOf(defs[shared] ?? {}, defs, indent);
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  if (schema.type === "integer" || schema.type === "number") return "number";
  if (schema.type === "string" || schema.type === "boolean") return schema.type;
  if (schema.type === "array") return `readonly (${typeOf(schema.items ?? {}, defs, indent)})[]`;
  if (schema.properties) return objectType(schema, defs, indent);
  if (typeof schema.additionalProperties === "object")
    return `Readonly<Record<string, ${typeOf(schema.additionalProperties, defs, indent)}>>`;
  if (schema.type === "object") return "Readonly<Record<string, unknown>>";
  return "unknown";
}

function objectType(schema: Schema, defs: Record<string, Schema>, indent: string): string {
  const deeper = `${indent}  `;
  const fields = Object.entries(schema.properties ?? {}).map(([name, field]) => {
    const optional = schema.required?.includes(name) ? "" : "?";
    return `${deeper}readonly ${JSON.stringify(name)}${optional}: ${typeOf(field, defs, deeper)};\n`;
  });
  return fields.length === 0 ? "Readonly<Record<string, never>>" : `{\n${fields.join("")}${indent}}`;
}

mkdirSync(out, { recursive: true });
for (const file of readdirSync(out)) rmSync(join(out, file));
const schemas = join(root, "generated/schemas");
for (const file of readdirSync(schemas).sort()) {
  const { schema } = (await import(join(schemas, file))) as { schema: Schema };
  const name = file
    .replace(/\.ts$/, "")
    .replace(/(^|-)([a-z])/g, (_, _dash: string, letter: string) => letter.toUpperCase());
  const header = "// Written by scripts/generate/spec-types.ts from generated/schemas. Do not edit.\n";
  writeFileSync(join(out, file), `${header}export type ${name}Spec = ${typeOf(schema, schema.$defs ?? {}, "")};\n`);
}
