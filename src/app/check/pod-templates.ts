import type { ObjectRef, Problem } from "../../lib/index.ts";
import { problemsWith } from "../../mesh/index.ts";
import {
  faultsOfMetadata,
  parseObject,
  readDocument,
  splitDocuments,
  type FieldPath,
  type Origin,
  type RawObject,
} from "../../model/index.ts";
import { defaultInjectionSettings, isFields, templatePath, type Fields } from "../../node/index.ts";
import { injectManifests } from "../inject-manifests.ts";

/**
 * What is wrong with the pods that workloads in multi-document YAML will make: annotations of Istio's on a Deployment that are its pods',
 * annotations and labels of the pods, as Pods and injection are told of them, and what a Pod alone does wrong. Pods themselves are objects
 * of the mesh, of which only what injection would refuse is told here.
 */
export function templateProblems(text: string, file: string): readonly Problem[] {
  const options = { settings: defaultInjectionSettings, namespace: "default" };
  const injected = injectManifests(text, file, options).problems.filter(
    ({ code, field }) => code.startsWith("HED50") && field?.includes("metadata.annotations["),
  );
  const read = splitDocuments(text).flatMap((document) => readDocument(document, file).objects);
  return [...read.flatMap(ofOwner), ...injected];
}

/** A workload that makes pods. */
interface Owner {
  readonly object: ObjectRef;
  readonly origin: Origin;
  readonly metadata: Fields;
  readonly path: readonly string[]; // of the pods' template
  readonly template: Fields;
}

function ofOwner({ value, origin }: RawObject): readonly Problem[] {
  const path = isFields(value) ? templatePath(value) : undefined;
  if (!isFields(value) || !path?.length) return [];
  const metadata = fieldsAt(value, "metadata");
  const namespace = textAt(metadata, "namespace") || "default";
  const object = { kind: textAt(value, "kind"), namespace, name: textAt(metadata, "name") };
  const owner = { object, origin, metadata, path, template: path.reduce(fieldsAt, value) };
  return [...ofAnnotations(owner), ...ofPods(owner)];
}

function ofAnnotations({ object, origin, metadata }: Owner): readonly Problem[] {
  const written = Object.entries(fieldsAt(metadata, "annotations"));
  const annotations = Object.fromEntries(written.map(([name, text]) => [name, String(text)]));
  return faultsOfMetadata(object.kind, { labels: {}, annotations }).annotations.map(({ name, ...fault }) => {
    const path = ["metadata", "annotations", name];
    return { ...fault, object, position: origin.at(path), field: path.join(".") };
  });
}

/** What would be told of a Pod: of its annotations and labels, and what shows without any other object. */
function ofPods({ object, origin, path, template }: Owner): readonly Problem[] {
  const { kind: _, ...named } = object;
  const at = (below: FieldPath) => origin.at([...path, ...below]);
  const pod = { apiVersion: "v1", kind: "Pod", metadata: { ...fieldsAt(template, "metadata"), ...named } };
  const parsed = parseObject({ ...pod, spec: fieldsAt(template, "spec") }, { file: origin.file, at });
  const alone = parsed.object ? problemsWith([parsed.object]) : [];
  const marks = parsed.problems.filter(({ level, field }) => level !== "error" && field?.startsWith("metadata."));
  return [...marks, ...alone].map((problem) => ({
    ...problem,
    object,
    field: [...path, problem.field ?? ""].join("."),
  }));
}

function fieldsAt(fields: Fields, key: string): Fields {
  const value = fields[key];
  return isFields(value) ? value : {};
}

function textAt(fields: Fields, key: string): string {
  const value = fields[key];
  return typeof value === "string" ? value : "";
}
