/** Visibility: https://istio.io/latest/docs/reference/config/networking/virtual-service/#VirtualService (exportTo) */

const everywhere: readonly string[] = Object.freeze(["*"]);

/** What an object says, else what the mesh says, else everybody. Never empty. */
export function exportToFor(
  written: readonly string[] | undefined,
  meshDefault: readonly string[] | undefined,
): readonly string[] {
  if (written?.length) return written;
  return meshDefault?.length ? meshDefault : everywhere;
}

export type Visibility = "public" | "exported" | "private" | "hidden";

/** How far an object of `owner` is exported to `client`: `*` makes other entries irrelevant, `~` alone hides. */
export function visibilityFor(exportTo: readonly string[], owner: string, client: string): Visibility {
  if (exportTo.includes("*")) return "public";
  if (exportTo.includes("~")) return "hidden";
  if (exportTo.includes(client)) return client === owner && exportTo.length === 1 ? "private" : "exported";
  return client === owner && exportTo.includes(".") ? "private" : "hidden";
}

export function isVisible(exportTo: readonly string[], owner: string, client: string): boolean {
  return visibilityFor(exportTo, owner, client) !== "hidden";
}
