import { isDeepStrictEqual } from "node:util";
import { fieldsAt, isFields, type Fields } from "./pod.ts";

/** https://www.rfc-editor.org/rfc/rfc6902 */
export interface PatchOperation {
  readonly op: "add" | "replace" | "remove";
  readonly path: readonly string[];
  readonly value?: unknown;
}

/** Maps that are compared field by field, so that a patch touches only what changes; deeper down whole values are replaced. */
const compared = [["metadata"], ["metadata", "labels"], ["metadata", "annotations"], ["spec"]];

const isCompared = (path: readonly string[]): boolean => compared.some((other) => isDeepStrictEqual(other, path));

/** What makes `after` out of `before`, two pods or pod templates. Empty: they are equal. */
export function buildPatch(before: Fields, after: Fields, path: readonly string[] = []): PatchOperation[] {
  return Object.keys({ ...before, ...after }).flatMap((key): PatchOperation[] => {
    const at = [...path, key];
    const [old, value] = [before[key], after[key]];
    if (isDeepStrictEqual(plain(old), plain(value))) return [];
    if (value === undefined) return [{ op: "remove", path: at }];
    if (old === undefined || old === null) return [{ op: "add", path: at, value }];
    if (isCompared(at) && isFields(old) && isFields(value)) return buildPatch(old, fieldsAt(after, key), at);
    return [{ op: "replace", path: at, value }];
  });
}

/** Without the difference between maps with and without a prototype. */
function plain(value: unknown): unknown {
  return value === undefined ? undefined : (JSON.parse(JSON.stringify(value)) as unknown);
}

/** The patch as the API server reads it. */
export function formatPatch(operations: readonly PatchOperation[]): string {
  const pointer = (path: readonly string[]) =>
    path.map((step) => `/${step.replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
  return JSON.stringify(operations.map(({ path, ...rest }) => ({ ...rest, path: pointer(path) })));
}
