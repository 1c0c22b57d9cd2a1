import { bareObject } from "../lib/index.ts";
import { codes } from "./codes.ts";
import { checkLabels, isLabel, isSubdomain, show } from "./names.ts";
import type { ObjectMeta } from "./object.ts";
import type { Place } from "./report.ts";
import { checkShape, type Schema } from "./schema.ts";

const text: Schema = { type: "string" };
const texts: Schema = { type: "object", additionalProperties: text };
const anything: Schema = { additionalProperties: true };

/** https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/object-meta/ */
const schema: Schema = {
  type: "object",
  additionalProperties: false,
  properties: {
    name: text,
    namespace: text,
    labels: texts,
    annotations: texts,
    uid: text,
    resourceVersion: text,
    creationTimestamp: text,
    deletionTimestamp: text,
    deletionGracePeriodSeconds: { type: "integer" },
    finalizers: { type: "array", items: text },
    generateName: text,
    generation: { type: "integer" },
    managedFields: { type: "array", items: anything },
    ownerReferences: { type: "array", items: anything },
    selfLink: text,
  },
};

type Raw = Readonly<Record<string, unknown>>;

/** What stands in for metadata that a document leaves out. */
export interface MetadataDefaults {
  readonly name?: string;
  /** "" for kinds without a namespace. */
  readonly namespace: string;
}

/** The metadata of an object; reports what is wrong with it. Kubernetes writes nulls there, which mean "not set". */
export function parseMetadata(raw: unknown, place: Place, defaults: MetadataDefaults): ObjectMeta {
  const fields = withoutNulls(raw ?? {});
  checkShape(fields, schema, place);
  const { creationTimestamp, uid, resourceVersion } = fields as Raw;
  const name = textOf(fields, "name") ?? defaults.name;
  if (name === undefined) place.error(codes.missing, 'the field "name" is missing');
  else if (!isSubdomain(name))
    place.at("name").error(codes.name, `"${show(name)}" is not a name`, "lower-case letters, digits, dashes and dots");
  const namespace = defaults.namespace === "" ? "" : (textOf(fields, "namespace") ?? defaults.namespace);
  if (namespace !== "" && !isLabel(namespace))
    place
      .at("namespace")
      .error(codes.name, `"${show(namespace)}" is not a namespace`, "lower-case letters, digits and dashes");
  const labels = mapOf(fields, "labels");
  checkLabels(labels, place.at("labels"));
  const createdAt = typeof creationTimestamp === "string" ? Date.parse(creationTimestamp) : Number.NaN;
  return {
    name: name ?? "",
    namespace,
    labels,
    annotations: mapOf(fields, "annotations"),
    ...(Number.isFinite(createdAt) && { createdAt }),
    ...(typeof uid === "string" && { uid }),
    ...(typeof resourceVersion === "string" && { resourceVersion }),
  };
}

function withoutNulls(raw: unknown): unknown {
  if (typeof raw !== "object" || raw === null || Array.isArray(raw)) return raw;
  const fields = bareObject();
  for (const [key, value] of Object.entries(raw)) if (value !== null || key === "name") fields[key] = value;
  return fields;
}

/** A text field, whatever else is wrong: a rejected object is named by it. An empty one counts as not set, as in Kubernetes. */
export function textOf(raw: unknown, field: string): string | undefined {
  if (typeof raw !== "object" || raw === null) return undefined;
  const value = (raw as Raw)[field];
  return typeof value === "string" && value !== "" ? value : undefined;
}

function mapOf(raw: unknown, field: string): Readonly<Record<string, string>> {
  const map = bareObject<string>();
  const value = typeof raw === "object" && raw !== null ? (raw as Raw)[field] : undefined;
  if (typeof value !== "object" || value === null) return map;
  for (const [key, item] of Object.entries(value)) if (typeof item === "string") map[key] = item;
  return map;
}
