import { codes } from "../codes.ts";
import { isLabel, show } from "../names.ts";
import { suggest } from "../spelling.ts";
import { isIstioName, istioAnnotations } from "./annotations.ts";
import type { MetadataFault } from "./fault.ts";
import { faultsOfLabels, istioLabels } from "./labels.ts";

/** What of an object's metadata is looked at. */
export interface Marked {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/**
 * Annotations and labels of Istio's that do not do what their writer means: unknown ones, ones that stand on the wrong kind, values
 * without meaning, and those that change nothing here. https://istio.io/latest/docs/reference/config/annotations/
 */
export function faultsOfMetadata(
  kind: string,
  { labels, annotations }: Marked,
): { readonly labels: readonly MetadataFault[]; readonly annotations: readonly MetadataFault[] } {
  const istios = Object.keys(annotations).filter(isIstioName);
  return {
    labels: faultsOfLabels(kind, labels),
    annotations: istios.flatMap((name) => faultOf(kind, name, annotations[name] ?? "", labels) ?? []),
  };
}

function faultOf(kind: string, name: string, value: string, labels: Marked["labels"]): MetadataFault | undefined {
  const known = istioAnnotations.get(name);
  const warning = { level: "warning", name } as const;
  if (!known) {
    const near = istioLabels.has(name) ? "it is a label" : suggest(name, [...istioAnnotations.keys()]);
    const message = `${show(name)} is no annotation of Istio's: it changes nothing`;
    return { ...warning, code: codes.unknownAnnotation, message, ...(near !== undefined && { hint: near }) };
  }
  if (!known.on.includes("Any") && !known.on.includes(kind)) {
    const message = `${name} changes nothing on a ${kind}: it is for ${known.on.join(" and ")}`;
    const isOfPods = known.on.includes("Pod") && hasTemplate.has(kind);
    const hint = isOfPods
      ? "write it into the pod's template"
      : `write it on each ${known.on.join(" or ")} that it is for`;
    return { ...warning, code: codes.misplacedAnnotation, message, hint };
  }
  if (known.idle !== undefined)
    return { ...warning, code: codes.unusedField, message: "changes nothing here", hint: known.idle };
  const fault = values[name]?.(value);
  if (fault !== undefined) return { ...warning, code: codes.invalidAnnotation, message: fault };
  return name === inject && labels[inject] === undefined ? deprecatedInject : undefined;
}

/** Kinds whose pods have annotations of their own. */
const hasTemplate: ReadonlySet<string> = new Set(
  "Deployment StatefulSet DaemonSet ReplicaSet ReplicationController Job CronJob".split(" "),
);

const inject = "sidecar.istio.io/inject";

const deprecatedInject: MetadataFault = {
  code: codes.deprecatedAnnotation,
  level: "info",
  name: inject,
  message: "is deprecated as an annotation",
  hint: "write it as a label",
};

const distributions = ["PreferClose", "PreferSameZone", "PreferSameNode", "Any"];

/** What is wrong with the values of annotations that no other place reads. */
const values: Readonly<Record<string, (value: string) => string | undefined>> = {
  [inject]: (value) =>
    value === "true" || value === "false" ? undefined : 'is neither "true" nor "false": it is as if it were not there',
  "networking.istio.io/traffic-distribution": (value) =>
    value === "" || distributions.some((known) => known.toLowerCase() === value.toLowerCase())
      ? undefined
      : `"${show(value)}" is none of ${distributions.join(", ")}: all endpoints are called alike`,
  "networking.istio.io/exportTo": (value) => {
    const words = value.split(",").map((word) => word.trim());
    const wrong = words.find((word) => word !== "" && !["*", ".", "~"].includes(word) && !isLabel(word));
    return wrong === undefined ? undefined : `"${show(wrong)}" is neither a namespace nor one of *, . and ~`;
  },
};
