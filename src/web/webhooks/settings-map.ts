import type { Problem } from "../../lib/index.ts";
import { parseObject, type MeshObject, type Origin } from "../../model/index.ts";
import { isFields, parseInjectionSettings, type Fields, type InjectionSettings } from "../../node/index.ts";

/** The ConfigMap that `serve --kubernetes` reads its settings from, in its own namespace: `mesh` is MeshConfig, `injection` is ours. */
export const settingsName = "heddle";

/** What the ConfigMap says, and what is wrong with it. */
export interface JudgedSettings {
  readonly object?: MeshObject;
  readonly problems: readonly Problem[];
}

/** True for a ConfigMap of that name, wherever it stands: which namespace counts, the webhook's selector says. */
export function isSettingsMap({ kind, metadata }: Fields): boolean {
  return kind === "ConfigMap" && isFields(metadata) && metadata["name"] === settingsName;
}

/** Reads both texts as the control plane will. Fields are told as `data.mesh.outboundTrafficPolicy` and `data.injection.image`. */
export function judgeSettings(map: Fields, origin: Origin, defaults: InjectionSettings): JudgedSettings {
  const data = isFields(map["data"]) ? map["data"] : {};
  const { mesh, injection } = data;
  const injected = typeof injection === "string" ? parseInjectionSettings(injection, "", defaults).problems : [];
  const ofInjection = injected.map((problem) => at(problem, "data.injection", problem.field));
  if (typeof mesh !== "string") {
    const message = "has no text: the settings in force would stay";
    return { problems: [{ code: "HED401", level: "error", field: "data.mesh", message }, ...ofInjection] };
  }
  const { object, problems } = parseObject(map, origin);
  const ofMesh = problems.map((problem) => at(problem, "data.mesh", problem.field?.replace(/^spec\.?/, "")));
  return { ...(object && { object }), problems: [...ofMesh, ...ofInjection] };
}

function at(problem: Problem, text: string, field: string | undefined): Problem {
  const { object: _, ...rest } = problem; // its kind is not what the user wrote
  return { ...rest, field: field ? `${text}.${field}` : text };
}
