import type { Parsed } from "../../lib/index.ts";
import { codes } from "../codes.ts";
import { Place } from "../report.ts";
import { checkShape, type Schema } from "../schema.ts";
import { readDocument } from "./document.ts";
import { splitDocuments } from "./split.ts";

/**
 * Reads YAML that is no Kubernetes object (a value of a ConfigMap, of an annotation) as strictly and within the same bounds as
 * policy, and checks its shape. Never throws. Text without content has the value `{}`.
 */
export function parseSettingsText(text: string, file: string, schema: Schema): Parsed<unknown> {
  const [document, ...more] = splitDocuments(text);
  if (!document) return { value: {}, problems: [] };
  const position = { file, line: 1, column: 1 };
  if (more.length > 0)
    return { problems: [{ code: codes.syntax, level: "error", message: "more than one document", position }] };
  const { objects, problems } = readDocument(document, file);
  const [raw] = objects;
  if (!raw || objects.length > 1 || problems.length > 0) {
    const message = "cannot be read as settings";
    return { problems: problems.length > 0 ? problems : [{ code: codes.syntax, level: "error", message, position }] };
  }
  checkShape(raw.value, schema, new Place(raw.report));
  const found = raw.report.problems(raw.origin);
  return raw.report.failed ? { problems: found } : { value: raw.value, problems: found };
}
