import { codes } from "./codes.ts";
import type { Place } from "./report.ts";
import { suggest } from "./spelling.ts";

/** The part of JSON schema that scripts/generate/schemas.ts writes, and nothing more. */
export interface Schema {
  readonly type?: "object" | "array" | "string" | "number" | "integer" | "boolean";
  readonly properties?: Readonly<Record<string, Schema>>;
  /** true: any further field, unchecked. */
  readonly additionalProperties?: Schema | boolean;
  readonly required?: readonly string[];
  readonly atMostOne?: readonly (readonly string[])[];
  readonly items?: Schema;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minProperties?: number;
  readonly maxProperties?: number;
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, Schema>>;
}

/**
 * Reports every way in which `value` does not have the schema's shape: unknown and missing fields, wrong types, numbers out of range.
 * Walks at most until the report is full; compiles nothing at run time. schema.test.ts holds it against Ajv.
 */
export function checkShape(value: unknown, schema: Schema, place: Place, root: Schema = schema): void {
  if (place.report.full) return;
  if (schema.$ref !== undefined) {
    const target = root.$defs?.[schema.$ref.slice("#/$defs/".length)];
    if (target) checkShape(value, target, place, root);
    return;
  }
  if (value === null || value === undefined)
    return place.error(codes.empty, "has no value", "leave the field out, or give it a value");
  if (schema.type !== undefined && !hasType(value, schema.type))
    return place.error(
      codes.wrongType,
      `must be ${article(schema.type)}, not ${describe(value)}`,
      typeHint(value, schema),
    );
  if (Array.isArray(value)) checkItems(value, schema, place, root);
  else if (typeof value === "object") checkFields(value as Fields, schema, place, root);
  else if (typeof value === "string") checkText(value, schema, place);
  else if (typeof value === "number") checkNumber(value, schema, place);
}

type Fields = Readonly<Record<string, unknown>>;

function hasType(value: unknown, type: NonNullable<Schema["type"]>): boolean {
  if (type === "array") return Array.isArray(value);
  if (type === "object") return typeof value === "object" && value !== null && !Array.isArray(value);
  if (type === "integer") return Number.isSafeInteger(value);
  if (type === "number") return Number.isFinite(value);
  return typeof value === type;
}

function article(type: NonNullable<Schema["type"]>): string {
  if (type === "array") return "a list";
  if (type === "integer") return "a whole number";
  return type === "object" ? "a set of fields" : `a ${type}`;
}

function describe(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "a set of fields";
  const text = JSON.stringify(value) ?? typeof value;
  return `the ${typeof value} ${text.length > 40 ? `${text.slice(0, 40)}…` : text}`;
}

function typeHint(value: unknown, schema: Schema): string | undefined {
  if (schema.type === "string" && (typeof value === "number" || typeof value === "boolean"))
    return `write it in quotes: "${String(value)}"`;
  if (schema.type === "array") return "start each item with a dash";
  if (typeof value === "string" && value !== "" && Number.isFinite(Number(value))) return "write it without quotes";
  if (schema.type === "boolean") return "write true or false";
  return undefined;
}

function checkFields(fields: Fields, schema: Schema, place: Place, root: Schema): void {
  const { properties, additionalProperties } = schema;
  const names = Object.keys(fields);
  if (names.length < (schema.minProperties ?? 0)) place.error(codes.outOfRange, "must not be empty");
  if (schema.maxProperties !== undefined && names.length > schema.maxProperties)
    place.error(codes.outOfRange, `has ${names.length} entries; at most ${schema.maxProperties} are allowed`);
  for (const name of names) {
    const child = properties && Object.hasOwn(properties, name) ? properties[name] : additionalProperties;
    if (child === true) continue;
    if (child) checkShape(fields[name], child, place.at(name), root);
    else unknownField(place.at(name), name, Object.keys(properties ?? {}));
    if (place.report.full) return;
  }
  for (const name of schema.required ?? [])
    if (!Object.hasOwn(fields, name)) place.error(codes.missing, `the field "${name}" is missing`);
  for (const group of schema.atMostOne ?? []) {
    const set = group.filter((name) => Object.hasOwn(fields, name));
    if (set.length > 1) place.error(codes.exclusive, `only one of ${set.join(", ")} may be set`);
  }
}

/** Reports a field that its parent does not have, and the one that may have been meant. */
export function unknownField(place: Place, name: string, known: readonly string[]): void {
  place.error(codes.unknownField, "unknown field", suggest(name, known) ?? knownFields(known));
}

function knownFields(known: readonly string[]): string | undefined {
  return known.length > 0 && known.length <= 12 ? `known here: ${known.join(", ")}` : undefined;
}

function checkItems(items: readonly unknown[], schema: Schema, place: Place, root: Schema): void {
  const { minItems = 0, maxItems = Infinity, items: child } = schema;
  if (items.length < minItems)
    place.error(codes.outOfRange, `needs at least ${minItems} ${minItems === 1 ? "item" : "items"}`);
  if (items.length > maxItems)
    place.error(codes.outOfRange, `has ${items.length} items; at most ${maxItems} are allowed`);
  if (!child) return;
  for (const [index, item] of items.entries()) {
    checkShape(item, child, place.at(index), root);
    if (place.report.full) return;
  }
}

function checkText(text: string, schema: Schema, place: Place): void {
  if (schema.enum && !schema.enum.includes(text)) {
    const hint = suggest(text, schema.enum) ?? `one of ${schema.enum.join(", ")}`;
    return place.error(codes.notAllowed, `${describe(text)} is not an allowed value`, hint);
  }
  const { minLength = 0, maxLength = Infinity } = schema;
  if (text.length < minLength)
    place.error(codes.outOfRange, minLength === 1 ? "must not be empty" : `is shorter than ${minLength} characters`);
  if (text.length > maxLength) place.error(codes.outOfRange, `is longer than ${maxLength} characters`);
}

function checkNumber(number: number, { minimum, maximum }: Schema, place: Place): void {
  if (number >= (minimum ?? -Infinity) && number <= (maximum ?? Infinity)) return;
  if (minimum !== undefined && maximum !== undefined)
    place.error(codes.outOfRange, `${number} is not between ${minimum} and ${maximum}`);
  else
    place.error(
      codes.outOfRange,
      minimum !== undefined ? `${number} is below ${minimum}` : `${number} is above ${maximum}`,
    );
}

/** The part of a schema that describes the field at `path`. Throws when there is none: a mistake of ours. */
export function schemaAt(schema: Schema, path: readonly (string | number)[], root: Schema = schema): Schema {
  const here = schema.$ref === undefined ? schema : root.$defs?.[schema.$ref.slice("#/$defs/".length)];
  const [step, ...rest] = path;
  if (here && step === undefined) return { ...here, ...(root.$defs && { $defs: root.$defs }) };
  const child = typeof step === "number" ? here?.items : here?.properties?.[step ?? ""];
  if (!child) throw new Error(`the schema has no field ${path.join(".")}`);
  return schemaAt(child, rest, root);
}
