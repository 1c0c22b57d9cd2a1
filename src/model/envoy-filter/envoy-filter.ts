import { schema } from "../../../generated/schemas/envoy-filter.ts";
import { codes, type Code } from "../codes.ts";
import { istioKind } from "../kind.ts";
import { checkSelector } from "../names.ts";
import { checkRegex } from "../regex.ts";
import { each, type Place } from "../report.ts";
import { readMessage } from "./message-json.ts";
import { patchOperations, patchTypes, type ApplyTo, type ConfigPatch, type PatchOperation } from "./patch-types.ts";
import { versionPattern } from "./version-pattern.ts";

/**
 * Changes to what Envoys are served: https://istio.io/latest/docs/reference/config/networking/envoy-filter/. The values are Envoy's
 * own messages, read here by the types of Envoy 1.40, so that a misspelt field is told where it stands.
 */
export const envoyFilter = istioKind("EnvoyFilter", ["networking.istio.io/v1alpha3"], schema, (spec, place) => {
  const { workloadSelector, targetRefs, configPatches } = spec;
  if (workloadSelector) checkSelector(workloadSelector.labels, place.at("workloadSelector", "labels"));
  if (workloadSelector && targetRefs?.length)
    place.at("targetRefs").error(codes.conflict, "only one of workloadSelector and targetRefs may be set");
  each(targetRefs, place.at("targetRefs"), ({ kind, group }, at) => {
    if (kind !== "Gateway" || group !== "gateway.networking.k8s.io")
      at.warn(codes.noEffect, "only a Gateway of group gateway.networking.k8s.io has proxies of its own");
  });
  if (!configPatches?.length) place.warn(codes.noEffect, "has no configPatches: it changes nothing");
  each(configPatches, place.at("configPatches"), checkPatch);
});

function checkPatch({ applyTo = "INVALID", match, patch }: ConfigPatch, place: Place): void {
  if (match?.proxy?.proxyVersion !== undefined)
    checkVersion(match.proxy.proxyVersion, place.at("match", "proxy", "proxyVersion"));
  if (applyTo === "INVALID") return place.at("applyTo").error(codes.missing, "what to patch must be said");
  const type = patchTypes[applyTo];
  if (applyTo === "BOOTSTRAP")
    return place
      .at("applyTo")
      .warn(codes.noEffect, "a bootstrap is read when Envoy starts: it cannot be patched afterwards");
  if (type === undefined) return;
  checkContext(match, place.at("match"));
  const operation = patch?.operation ?? "INVALID";
  if (operation === "INVALID")
    return place.at("patch", "operation").error(codes.missing, "what to do must be said", "MERGE, ADD, REMOVE, ...");
  checkOperation(applyTo, operation, place.at("patch", "operation"));
  if (operation === "REMOVE") return;
  const at = place.at("patch", "value");
  if (!patch?.value) return place.at("patch").error(codes.missing, 'the field "value" is missing');
  for (const { path, message, hint } of readMessage(type, patch.value).faults)
    at.at(...path).error(message === "unknown field" ? codes.unknownField : codes.value, message, hint);
}

/** Istio's codes of operations that change nothing where they stand: https://istio.io/latest/docs/reference/config/analysis/ist0152/ */
const idle: Partial<Record<PatchOperation, Code>> = {
  REPLACE: codes.envoyFilterReplace,
  ADD: codes.envoyFilterAdd,
  REMOVE: codes.envoyFilterRemove,
};

function checkOperation(applyTo: ApplyTo, operation: PatchOperation, place: Place): void {
  if (patchOperations[applyTo]?.includes(operation)) return;
  place.warn(idle[operation] ?? codes.noEffect, `as on Istio, a ${applyTo} cannot be patched by ${operation}`);
}

function checkContext(match: ConfigPatch["match"], place: Place): void {
  if (match?.context === "WAYPOINT")
    place.at("context").warn(codes.unsupportedField, "there are no waypoints: the patch changes nothing");
}

function checkVersion(expression: string, place: Place): void {
  if (expression === "") return;
  checkRegex(expression, place);
  if (!place.report.failed && !versionPattern(expression))
    place.error(codes.regex, "is more than a version needs", "use text, classes, groups and repetitions");
}
