import { codes } from "./codes.ts";
import { isLabel, show } from "./names.ts";
import type { Place } from "./report.ts";

/** How a kind restricts whom it may be visible to. */
export interface ExportToRules {
  /** `~` (nobody) is allowed: for services. */
  readonly none?: boolean;
  /** `.` means this one; undefined where there is none (MeshConfig). */
  readonly namespace?: string;
}

/**
 * Reports namespaces that are none, duplicates, and `*` or `~` beside others.
 * https://istio.io/latest/docs/reference/config/networking/virtual-service/#VirtualService-export_to
 */
export function checkExportTo(exportTo: readonly string[] | undefined, place: Place, rules: ExportToRules): void {
  const seen = new Set<string>();
  for (const [index, entry] of (exportTo ?? []).entries()) {
    const at = place.at(index);
    const key = entry === "." ? (rules.namespace ?? ".") : entry;
    if (seen.has(key)) at.error(codes.exportTo, `"${show(entry)}" stands twice; "." is the object's own namespace`);
    seen.add(key);
    if (entry === "~" && rules.none) continue;
    if (entry === "~") at.error(codes.exportTo, '"~" is only for services');
    else if (entry !== "." && entry !== "*" && !isLabel(entry))
      at.error(
        codes.exportTo,
        `"${show(entry)}" is not a namespace`,
        'write a namespace, "." for its own, or "*" for all',
      );
  }
  for (const alone of ["*", "~"])
    if (seen.has(alone) && seen.size > 1)
      place.error(codes.exportTo, `"${alone}" cannot stand beside other namespaces`);
}
