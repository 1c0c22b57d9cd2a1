import { isTooDeep } from "../document/depth.ts";
import { parseTree } from "../document/origin.ts";
import { ValueReader } from "../document/value.ts";
import { bareObject } from "../../lib/index.ts";
import { codes } from "../codes.ts";
import type { FieldPath } from "../object.ts";
import type { Place } from "../report.ts";

/** Istio's name, and ours. */
const names: readonly unknown[] = ["istio", "heddle"];

/**
 * Istio keeps its MeshConfig as text in `data.mesh` of the ConfigMap `istio`, Heddle in that of `heddle`: such a ConfigMap is read
 * as a MeshConfig document. other value is returned as it is. https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/
 */
export function meshConfigIn(value: unknown, place: Place): { readonly value: unknown; readonly inside?: FieldPath } {
  const map = value as ConfigMap | null;
  if (map?.kind !== "ConfigMap" || map.apiVersion !== "v1" || !names.includes(map.metadata?.name)) return { value };
  const text = map.data?.mesh;
  if (typeof text !== "string") return { value };
  const path: FieldPath = ["data", "mesh"];
  const spec = withNetworks(parseText(text, "mesh", place), map.data?.meshNetworks, place);
  const fields = { apiVersion: "mesh.istio.io/v1alpha1", kind: "MeshConfig", metadata: map.metadata, spec };
  return { value: Object.assign(bareObject(), fields), inside: path };
}

interface ConfigMap {
  readonly kind?: unknown;
  readonly apiVersion?: unknown;
  readonly metadata?: { readonly name?: unknown } | null;
  readonly data?: { readonly mesh?: unknown; readonly meshNetworks?: unknown } | null;
}

/** Istio keeps the networks beside the rest, in a text of their own. */
function withNetworks(spec: unknown, text: unknown, place: Place): unknown {
  if (typeof text !== "string" || typeof spec !== "object" || spec === null || Array.isArray(spec)) return spec;
  const networks = parseText(text, "meshNetworks", place);
  return networks === undefined || networks === null ? spec : Object.assign(spec, { meshNetworks: networks });
}

function parseText(text: string, key: string, place: Place): unknown {
  if (isTooDeep(text)) return place.error(codes.tooDeep, `the text in data.${key} nests too deep`);
  const { contents, faults } = parseTree(text);
  for (const { message } of faults) place.error(codes.syntax, `data.${key}: ${message}`);
  return new ValueReader().read(contents, place.at("spec"));
}
