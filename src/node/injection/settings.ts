import type { Parsed } from "../../lib/index.ts";
import { parseSettingsText, type Schema } from "../../model/index.ts";
import { invalid, isDnsName, isPort } from "../problems.ts";
import type { ControlPlaneEndpoint } from "../xds-cluster.ts";
import type { InjectionPolicy } from "./decide.ts";
import type { Fields } from "./pod.ts";
import { isCpu, isImage, isMemory } from "./words.ts";

/** Kubernetes' `resources` of a container, as far as injection sets them. */
export interface Resources {
  readonly requests?: Readonly<Record<"cpu" | "memory", string>>;
  readonly limits?: Readonly<Record<"cpu" | "memory", string>>;
}

/** How pods are injected: ConfigMap `heddle`, key `injection`. docs/injection.md tells each field. */
export interface InjectionSettings extends InjectionPolicy {
  /** Heddle's own image, for the init container. */
  readonly image: string;
  /** A stock Envoy with bash (or, for native sidecars without graceful drain, without). */
  readonly proxyImage: string;
  readonly imagePullPolicy?: "Always" | "IfNotPresent" | "Never";
  readonly controlPlane: ControlPlaneEndpoint;
  readonly domain: string; // cluster.local
  readonly clusterId?: string;
  readonly resources: Resources;
  readonly logLevel: string;
  /** `auto`: where the API server has them. */
  readonly nativeSidecars: "auto" | "true" | "false";
  /** 1.x of the API server; undefined: a current one. */
  readonly kubernetesMinor?: number;
  /** Pods may have IPv6 addresses: the proxy's own listeners bind `::` too. In a cluster by default what the control plane's own pod has. */
  readonly ipv6: boolean;
  /** Seconds that a proxy drains when its pod ends. */
  readonly drainSeconds: number;
  /** Seconds that an app without a preStop hook goes on before its SIGTERM, while callers learn that it leaves; 0: none. */
  readonly appShutdownDelaySeconds: number;
  readonly rewriteProbes: boolean;
  /** Fragments of a pod by name, merged into each pod (`default` ones) or where the pod's annotation asks for them. */
  readonly templates: Readonly<Record<string, Fields>>;
  readonly defaultTemplates: readonly string[];
}

/** Current Kubernetes, Istio's policy and port names; two images that a release's manifests set. */
export const defaultInjectionSettings: InjectionSettings = {
  policy: "enabled",
  neverInjectSelector: [],
  alwaysInjectSelector: [],
  revision: "default",
  image: "heddle:latest",
  proxyImage: "envoyproxy/envoy:v1.40.0",
  controlPlane: { address: "heddle.heddle-system.svc", port: 15_012, serverName: "heddle.heddle-system.svc" },
  domain: "cluster.local",
  resources: { requests: { cpu: "50m", memory: "64Mi" }, limits: { cpu: "2", memory: "1Gi" } },
  logLevel: "warning",
  nativeSidecars: "auto",
  ipv6: false,
  drainSeconds: 5,
  appShutdownDelaySeconds: 5,
  rewriteProbes: true,
  templates: {},
  defaultTemplates: [],
};

const text: Schema = { type: "string" };
const texts: Schema = { type: "array", items: text };
const flag: Schema = { type: "boolean" };
const seconds: Schema = { type: "integer", minimum: 0, maximum: 3600 };
const oneOf = (...values: string[]): Schema => ({ type: "string", enum: values });
const fields = (properties: Readonly<Record<string, Schema>>): Schema => ({
  type: "object",
  additionalProperties: false,
  properties,
});
const quantities = fields({ cpu: text, memory: text });
const selectors: Schema = {
  type: "array",
  items: fields({
    matchLabels: { type: "object", additionalProperties: text },
    matchExpressions: {
      type: "array",
      items: {
        ...fields({ key: text, operator: oneOf("In", "NotIn", "Exists", "DoesNotExist"), values: texts }),
        required: ["key", "operator"],
      },
    },
  }),
};

const schema: Schema = fields({
  policy: oneOf("enabled", "disabled"),
  neverInjectSelector: selectors,
  alwaysInjectSelector: selectors,
  revision: text,
  image: text,
  proxyImage: text,
  imagePullPolicy: oneOf("Always", "IfNotPresent", "Never"),
  controlPlane: fields({ address: text, port: { type: "integer" }, serverName: text }),
  domain: text,
  clusterId: text,
  resources: fields({ requests: quantities, limits: quantities }),
  logLevel: oneOf("trace", "debug", "info", "warning", "error", "critical", "off"),
  nativeSidecars: oneOf("auto", "true", "false"),
  ipv6: flag,
  drainSeconds: seconds,
  appShutdownDelaySeconds: seconds,
  rewriteProbes: flag,
  templates: { type: "object", additionalProperties: { type: "object", additionalProperties: true } },
  defaultTemplates: texts,
});

/**
 * The settings that a text says, over `defaults`. Settings with an error have no value: keep those in force.
 * `file` names the text in problems, such as `ConfigMap heddle-system/heddle injection`.
 */
export function parseInjectionSettings(
  source: string | undefined,
  file: string,
  defaults: InjectionSettings = defaultInjectionSettings,
): Parsed<InjectionSettings> {
  const read = parseSettingsText(source ?? "", file, schema);
  if (read.value === undefined) return { problems: read.problems };
  const given = read.value as Partial<InjectionSettings>;
  const value: InjectionSettings = {
    ...defaults,
    ...given,
    controlPlane: { ...defaults.controlPlane, ...given.controlPlane },
  };
  const problems = [...read.problems, ...meaningProblems(value).map((problem) => at(problem, file))];
  return problems.some(({ level }) => level === "error") ? { problems } : { value, problems };
}

function at<T extends object>(problem: T, file: string): T & { position: object } {
  return { ...problem, position: { file, line: 1, column: 1 } };
}

function meaningProblems(settings: InjectionSettings) {
  const { controlPlane, resources, templates, defaultTemplates } = settings;
  const all = Object.entries(resources) as [string, Partial<Record<"cpu" | "memory", string>>][];
  return [
    ...(["image", "proxyImage"] as const).flatMap((field) =>
      isImage(settings[field]) ? [] : [invalid(field, "not the name of an image")],
    ),
    ...(isDnsName(controlPlane.serverName) ? [] : [invalid("controlPlane.serverName", "not a DNS name")]),
    ...(isPort(controlPlane.port) ? [] : [invalid("controlPlane.port", "not a port")]),
    ...(isDnsName(settings.domain) ? [] : [invalid("domain", "not a DNS name")]),
    ...all.flatMap(([kind, { cpu = "1", memory = "1" }]) => [
      ...(isCpu(cpu) ? [] : [invalid(`resources.${kind}.cpu`, "not an amount of CPU", "such as 100m or 2")]),
      ...(isMemory(memory) ? [] : [invalid(`resources.${kind}.memory`, "not an amount of memory", "such as 128Mi")]),
    ]),
    ...defaultTemplates.flatMap((name, i) =>
      Object.hasOwn(templates, name) ? [] : [invalid(`defaultTemplates[${i}]`, "no template has this name")],
    ),
  ];
}
