import { InvalidArgumentError } from "commander";
import type { Problem } from "../../lib/index.ts";
import { objectKey, type MeshObject } from "../../model/index.ts";

/** A problem that somebody knows of and does not want to hear of again. */
export interface Suppression {
  readonly code: string;
  readonly kind?: string; // any, where absent
  readonly name?: readonly string[]; // of `name.namespace`, or `name` of an object without a namespace: what stands between the `*`
}

/** `CODE`, or as istioctl has it `CODE=Kind name.namespace`, where `*` stands for any text. */
export function parseSuppression(text: string, others: readonly Suppression[] = []): readonly Suppression[] {
  const [, code, kind, name] = /^((?:IST|HED)\d{3,4})(?:=([A-Za-z]+) (\S+))?$/.exec(text) ?? [];
  if (code === undefined) throw new InvalidArgumentError('write CODE or "CODE=Kind name.namespace", with * for any');
  if (kind === undefined || name === undefined) return [...others, { code }];
  return [...others, { code, kind, name: name.split("*") }];
}

/** Whether one of them is about this problem. */
export function isSuppressed({ code, object }: Problem, suppressions: readonly Suppression[]): boolean {
  const name = object && (object.namespace ? `${object.name}.${object.namespace}` : object.name);
  return suppressions.some(
    (one) =>
      one.code === code && (!one.name || (object?.kind === one.kind && name !== undefined && fits(name, one.name))),
  );
}

const annotation = "galley.istio.io/analyze-suppress";

/**
 * What the objects themselves do not want to hear of: codes, or `*`, in Istio's annotation. An object with an error is not read, so errors
 * are not among them. https://istio.io/latest/docs/reference/config/annotations/#GalleyAnalyzeSuppress
 */
export function suppressionsIn(objects: readonly MeshObject[]): (problem: Problem) => boolean {
  const byKey = new Map<string, ReadonlySet<string>>();
  for (const object of objects) {
    const { [annotation]: codes } = object.metadata.annotations;
    if (codes !== undefined) byKey.set(objectKey(object), new Set(codes.split(",").map((code) => code.trim())));
  }
  return ({ code, object, level }) => {
    const codes =
      object && level !== "error" ? byKey.get(objectKey({ kind: object.kind, metadata: object })) : undefined;
    return codes !== undefined && (codes.has(code) || codes.has("*"));
  };
}

/** Whether a text is these parts in their order with anything between them. */
function fits(text: string, [first = "", ...others]: readonly string[]): boolean {
  const last = others.pop();
  if (last === undefined) return text === first;
  if (!text.startsWith(first)) return false;
  let at = first.length;
  for (const part of others) {
    const found = text.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  return text.length - last.length >= at && text.endsWith(last);
}
