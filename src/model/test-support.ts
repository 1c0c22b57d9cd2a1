import { stringify } from "yaml";
import type { Problem } from "../lib/index.ts";
import { parseDocuments, type ParsedFile } from "./parse.ts";

/** A document of an Istio kind as text. */
export function documentOf(apiVersion: string, kind: string, spec: unknown, metadata: object = {}): string {
  return stringify({ apiVersion, kind, metadata: { name: "it", ...metadata }, spec }, { aliasDuplicateObjects: false });
}

/** Parses one document of an Istio kind. */
export function parseSpec(kind: string, spec: unknown, group = "networking.istio.io/v1"): ParsedFile {
  return parseDocuments(documentOf(group, kind, spec), "it.yaml");
}

/** `code field`, one for each problem. */
export function told(problems: readonly Problem[], level: Problem["level"] = "error"): string[] {
  return problems
    .filter((problem) => problem.level === level)
    .map(({ code, field }) => `${code} ${field ?? ""}`.trim());
}

/** Paths, then the value to put there, into a copy of `base`: `edit({a: [1]}, "a.0", 2)`. */
export function edit(base: unknown, path: string, value: unknown): unknown {
  const copy = structuredClone(base) as Record<string, unknown>;
  const steps = path.split(".");
  let at: Record<string, unknown> = copy;
  for (const step of steps.slice(0, -1)) {
    at[step] ??= {};
    at = at[step] as Record<string, unknown>;
  }
  const last = steps.at(-1) ?? "";
  if (value === undefined) Reflect.deleteProperty(at, last);
  else at[last] = value;
  return copy;
}
