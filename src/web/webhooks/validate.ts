import { isDeepStrictEqual } from "node:util";
import type { Position, Problem } from "../../lib/index.ts";
import { parseObject, type FieldPath, type Origin } from "../../model/index.ts";
import { isFields } from "../../node/index.ts";
import { sentence } from "./inject.ts";
import type { AdmissionRequest, Verdict } from "./review.ts";
import { isSettingsMap, judgeSettings } from "./settings-map.ts";
import type { WebhookSources } from "./types.ts";

/** An object of the API has no lines; its problems name fields. */
const nowhere: Position = { file: "", line: 1, column: 1 };
const origin: Origin = { file: "", at: (_: FieldPath) => nowhere };

/** Edits that change nothing we read: an object being deleted, or the same spec (of a ConfigMap: data) with other annotations. */
function isHarmless({ object, oldObject }: AdmissionRequest): boolean {
  const { metadata } = object;
  if (isFields(metadata) && typeof metadata["deletionTimestamp"] === "string") return true;
  return oldObject !== undefined && ["spec", "data"].every((part) => isDeepStrictEqual(object[part], oldObject[part]));
}

/**
 * What `heddle check` says of one object: its errors refuse it; warnings, and whatever only shows beside other objects (which may be
 * on their way), are shown by kubectl. An object that was bad before and whose spec is not touched is let through: it could not be
 * labelled or deleted otherwise. Of ConfigMaps the one with the mesh's settings alone is looked at.
 */
export function admitObject(request: AdmissionRequest, sources: Pick<WebhookSources, "check" | "injection">): Verdict {
  const isMap = request.object["kind"] === "ConfigMap";
  if (isMap && !isSettingsMap(request.object)) return { allowed: true };
  const { object, problems } = isMap
    ? judgeSettings(request.object, origin, sources.injection())
    : parseObject(request.object, origin);
  const { check } = sources;
  const errors = problems.filter(({ level }) => level === "error");
  const soft: Problem[] = problems.filter(({ level }) => level !== "error");
  if (object && check) soft.push(...check(object));
  const warnings = [...new Set(soft.map(sentence))];
  if (errors.length === 0) return { allowed: true, warnings };
  if (isHarmless(request)) return { allowed: true, warnings: [...errors.map(sentence), ...warnings] };
  return {
    allowed: false,
    message: `refused by Heddle:\n${errors.map(sentence).join("\n")}`,
    warnings,
  };
}
