import { Ajv } from "ajv";
import fc from "fast-check";
import { schema as destinationRule } from "../../generated/schemas/destination-rule.ts";
import { schema as peerAuthentication } from "../../generated/schemas/peer-authentication.ts";
import { schema as serviceEntry } from "../../generated/schemas/service-entry.ts";
import { schema as sidecar } from "../../generated/schemas/sidecar.ts";
import { schema as virtualService } from "../../generated/schemas/virtual-service.ts";
import { schema as workloadEntry } from "../../generated/schemas/workload-entry.ts";
import { formatPath, type FieldPath } from "./object.ts";
import { Place, Report } from "./report.ts";
import { checkShape, type Schema } from "./schema.ts";
import { parseSpec } from "./test-support.ts";

const schemas: Readonly<Record<string, Schema>> = {
  VirtualService: virtualService,
  DestinationRule: destinationRule,
  ServiceEntry: serviceEntry,
  WorkloadEntry: workloadEntry,
  Sidecar: sidecar,
  PeerAuthentication: peerAuthentication,
};

function ajvFor(schema: Schema) {
  const ajv = new Ajv({ strict: false, messages: false });
  const check = (groups: string[][], data: object) =>
    groups.every((group) => group.filter((name) => Object.hasOwn(data, name)).length < 2);
  ajv.addKeyword({ keyword: "atMostOne", type: "object", validate: check });
  return ajv.compile(schema);
}

const resolve = (schema: Schema, root: Schema): Schema =>
  schema.$ref === undefined ? schema : (root.$defs?.[schema.$ref.slice("#/$defs/".length)] ?? {});

/** Every field of a schema: the way to its parent, its name. */
function fieldsOf(schema: Schema, root: Schema, path: FieldPath = []): { path: FieldPath; name: string }[] {
  const here = resolve(schema, root);
  const own = Object.entries(here.properties ?? {}).flatMap(([name, child]) => [
    { path, name },
    ...fieldsOf(child, root, [...path, name]),
  ]);
  const items = here.items ? fieldsOf(here.items, root, [...path, 0]) : [];
  const values =
    typeof here.additionalProperties === "object" ? fieldsOf(here.additionalProperties, root, [...path, "key"]) : [];
  return [...own, ...items, ...values];
}

function furtherOf({ additionalProperties }: Schema): Schema {
  return typeof additionalProperties === "object" ? additionalProperties : {};
}

function wrap(path: FieldPath, inner: unknown): unknown {
  return path.reduceRight((value, step) => (typeof step === "number" ? [value] : { [step]: value }), inner);
}

/** One slip of the pen: a letter lost, doubled, swapped or in the wrong case. */
const typos: readonly ((name: string) => string)[] = [
  (name) => name.slice(0, -1),
  (name) => name + name.slice(-1),
  (name) => name.slice(1, 2) + name.slice(0, 1) + name.slice(2),
  (name) => name.slice(0, 1).toUpperCase() + name.slice(1),
  (name) => name.replace(/[A-Z]/, (letter) => `_${letter.toLowerCase()}`),
];

describe.each(Object.entries(schemas))("%s", (kind, schema) => {
  const group = kind === "PeerAuthentication" ? "security.istio.io/v1" : "networking.istio.io/v1";
  const fields = fieldsOf(schema, schema);

  it("refuses every field misspelt (F27)", () => {
    expect(fields.length).toBeGreaterThan(3);
    const accepted: string[] = [];
    const names = new Set(fields.map(({ path, name }) => formatPath([...path, name])));
    for (const { path, name } of fields)
      for (const typo of typos) {
        const wrong = formatPath([...path, typo(name)]);
        if (names.has(wrong)) continue;
        const report = new Report();
        checkShape(wrap(path, { [typo(name)]: "x" }), schema, new Place(report));
        const told = report.problems({ file: "", at: () => ({ file: "", line: 1, column: 1 }) });
        if (!told.some(({ code, field }) => code === "HED101" && field === wrong)) accepted.push(wrong);
      }
    expect(accepted).toEqual([]);
  });

  it("refuses an object with a misspelt field, whole", () => {
    for (const { path, name } of fields.slice(0, 20)) {
      const { objects, rejected } = parseSpec(kind, wrap(path, { [`${name}x`]: "x" }), group);
      expect({ objects, rejected: rejected.length }).toEqual({ objects: [], rejected: 1 });
    }
  });

  it("agrees with Ajv on values near the schema", () => {
    const ajv = ajvFor(schema);
    const values = valueFor(schema, schema, 6);
    fc.assert(
      fc.property(values, (value) => {
        const report = new Report();
        checkShape(value, schema, new Place(report));
        const valid = ajv(value);
        expect({ value, valid: !report.failed }).toEqual({ value, valid });
      }),
      { numRuns: 300 },
    );
    const sample = fc.sample(values, { seed: 1, numRuns: 1000 }).map((value) => ajv(value));
    expect([...new Set(sample)]).toHaveLength(2); // they are near: some fit, others do not
  });
});

/** Values that mostly fit, with now and then something that does not. */
function valueFor(schema: Schema, root: Schema, depth: number): fc.Arbitrary<unknown> {
  const fitting = fittingValue(resolve(schema, root), root, depth);
  const odd = fc.oneof(
    fc.constant(null),
    fc.integer(),
    fc.double({ min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER }), // beyond, Ajv takes whole numbers and we do not
    fc.string(),
    fc.constant([]),
    fc.constant({ odd: 1 }),
  );
  return fc.oneof({ weight: 60, arbitrary: fitting }, { weight: 1, arbitrary: odd });
}

function fittingValue(schema: Schema, root: Schema, depth: number): fc.Arbitrary<unknown> {
  switch (schema.type) {
    case "string":
      return schema.enum
        ? fc.constantFrom(...schema.enum)
        : fc.string({ minLength: schema.minLength ?? 0, maxLength: 8 });
    case "boolean":
      return fc.boolean();
    case "number":
      return fc.double({ min: 0, max: 100, noNaN: true });
    case "integer":
      return fc.integer({ min: schema.minimum ?? 0, max: 1000 });
    case "array":
      return fc.array(depth > 0 ? valueFor(schema.items ?? {}, root, depth - 1) : fc.constant("x"), {
        minLength: schema.minItems ?? 0,
        maxLength: 2,
      });
    case "object":
    case undefined:
      break;
  }
  if (!schema.properties) return fc.dictionary(fc.constantFrom("a", "b"), valueFor(furtherOf(schema), root, depth - 1));
  const required = schema.required ?? [];
  const picked = Object.entries(schema.properties).filter(([name]) => depth > 0 || required.includes(name));
  const record = Object.fromEntries(picked.map(([name, child]) => [name, valueFor(child, root, depth - 1)]));
  return fc
    .tuple(
      fc.record(record, { requiredKeys: [...required] }),
      fc.subarray(Object.keys(record), { maxLength: Math.min(3, Object.keys(record).length) }),
    )
    .map(([value, keep]) => {
      const fieldsKept = Object.entries(value as object).filter(
        ([name]) => required.includes(name) || keep.includes(name),
      );
      return Object.fromEntries(fieldsKept);
    });
}
