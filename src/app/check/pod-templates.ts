import type { Problem } from "../../lib/index.ts";
import { faultsOfMetadata, readDocument, splitDocuments, type RawObject } from "../../model/index.ts";
import { defaultInjectionSettings, isFields, templatePath, type Fields } from "../../node/index.ts";
import { injectManifests } from "../inject-manifests.ts";

/**
 * Annotations of workloads in multi-document YAML that do not do what their writer means: those of Istio's that stand on a Deployment
 * in place of its pods, and those of its pods, as injection reads them. Pods themselves are objects of the mesh, of which only what
 * injection would refuse is told here.
 */
export function templateProblems(text: string, file: string): readonly Problem[] {
  const options = { settings: defaultInjectionSettings, namespace: "default" };
  const injected = injectManifests(text, file, options).problems.filter(
    ({ code, field, object }) =>
      field?.includes("metadata.annotations[") && (object?.kind !== "Pod" || code.startsWith("HED50")),
  );
  const owners = splitDocuments(text)
    .flatMap((document) => readDocument(document, file).objects)
    .flatMap(ofOwner);
  return [...owners, ...injected];
}

function ofOwner({ value, origin }: RawObject): readonly Problem[] {
  const path = isFields(value) ? templatePath(value) : undefined;
  if (!isFields(value) || !path?.length) return [];
  const kind = textAt(value, "kind");
  const metadata = fieldsAt(value, "metadata");
  const object = { kind, namespace: textAt(metadata, "namespace") || "default", name: textAt(metadata, "name") };
  const written = Object.entries(fieldsAt(metadata, "annotations"));
  const annotations = Object.fromEntries(written.map(([name, text]) => [name, String(text)]));
  return faultsOfMetadata(kind, { labels: {}, annotations }).annotations.map(({ name, ...fault }) => ({
    ...fault,
    object,
    position: origin.at(["metadata", "annotations", name]),
    field: `metadata.annotations["${name}"]`,
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
