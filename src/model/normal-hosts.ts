import { normalHost } from "./names.ts";

/**
 * Brings host names of a freshly parsed object to lower case and takes the final dot off, so that no reader has to
 * (an exact match that forgot to was CVE-2021-39155). The object is not frozen yet and belongs to nobody else.
 */
export function normaliseHosts(holder: object | undefined, field: string): void {
  if (!holder) return;
  const fields = holder as Record<string, unknown>;
  const value = fields[field];
  if (typeof value === "string") fields[field] = normalHost(value);
  else if (Array.isArray(value))
    fields[field] = value.map((item: unknown) => (typeof item === "string" ? normalHost(item) : item));
}
