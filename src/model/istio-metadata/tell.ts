import type { Place } from "../report.ts";
import { faultsOfMetadata, type Marked } from "./check.ts";

/** Kinds whose annotations programs copy from elsewhere, or that nobody of the mesh writes. */
const others: ReadonlySet<string> = new Set(["EndpointSlice", "Node", "Secret"]);

/** Tells what annotations and labels of Istio's on an object of this kind do not do. `place` is its metadata. */
export function tellMetadata(kind: string, metadata: Marked, place: Place): void {
  if (others.has(kind)) return;
  const { labels, annotations } = faultsOfMetadata(kind, metadata);
  for (const { level, code, name, message, hint } of labels) place.at("labels", name).tell(level, code, message, hint);
  for (const { level, code, name, message, hint } of annotations)
    place.at("annotations", name).tell(level, code, message, hint);
}
