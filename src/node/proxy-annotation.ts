import { parseDuration, parseSettingsText, proxyConfigAnnotation, proxyConfigSchema } from "../model/index.ts";
import { readDnsCapture } from "./dns-capture.ts";
import { secondsOf, type ProxyRun } from "./proxy-run.ts";

/** What a pod's annotation says of its proxy. */
export interface ProxyAnnotation {
  readonly run: Partial<ProxyRun>;
  /** What is wrong with it, or does nothing. */
  readonly findings: readonly { readonly level: "error" | "warning"; readonly message: string }[];
}

type Annotations = Readonly<Record<string, string>>;

/** What the control plane reads of it: https://istio.io/latest/docs/ops/configuration/traffic-management/network-topologies/ */
const ofGateways: ReadonlySet<string> = new Set(["gatewayTopology"]);

/** How each field is read; undefined: it has a value that is none of its own. */
const fields: Readonly<Record<string, { as: keyof ProxyRun; read: (item: unknown) => unknown }>> = {
  concurrency: {
    as: "concurrency",
    read: (item) => (typeof item === "number" && Number.isInteger(item) && item >= 0 && item <= 256 ? item : undefined),
  },
  image: {
    as: "imageType",
    read: (item) => {
      const { imageType } = (item ?? {}) as { readonly imageType?: unknown };
      return typeof imageType === "string" && /^[a-z0-9-]{1,63}$/.test(imageType) ? imageType : undefined;
    },
  },
  holdApplicationUntilProxyStarts: {
    as: "holdApplication",
    read: (item) => (typeof item === "boolean" ? item : undefined),
  },
  proxyMetadata: { as: "environment", read: readVariables },
  runtimeValues: { as: "runtime", read: readTexts },
  drainDuration: { as: "drainSeconds", read: readSeconds },
  terminationDrainDuration: { as: "terminationDrainSeconds", read: readSeconds },
};

function readSeconds(item: unknown): number | undefined {
  return typeof item === "string" && parseDuration(item) !== undefined ? secondsOf(item) : undefined;
}

function readTexts(item: unknown): Readonly<Record<string, string>> | undefined {
  if (typeof item !== "object" || item === null || Array.isArray(item)) return undefined;
  const entries = Object.entries(item) as [string, unknown][];
  return entries.every(([, value]) => typeof value === "string")
    ? (Object.fromEntries(entries) as Record<string, string>)
    : undefined;
}

function readVariables(item: unknown): Readonly<Record<string, string>> | undefined {
  const variables = readDnsCapture(item) === undefined ? undefined : readTexts(item);
  const areNames = Object.keys(variables ?? {}).every((name) => /^[A-Za-z_][A-Za-z0-9_.-]*$/.test(name));
  return areNames ? variables : undefined;
}

/** Reads `proxy.istio.io/config` of https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/#ProxyConfig. Never throws. */
export function readProxyAnnotation(annotations: Annotations): ProxyAnnotation {
  const text = annotations[proxyConfigAnnotation];
  if (text === undefined) return { run: {}, findings: [] };
  const { value = {}, problems } = parseSettingsText(text, proxyConfigAnnotation, proxyConfigSchema);
  const findings: ProxyAnnotation["findings"][number][] = problems
    .filter(({ level }) => level === "error")
    .map(({ field, message }) => ({ level: "error", message: field === undefined ? message : `${field}: ${message}` }));
  const run: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value as Record<string, unknown>)) {
    if (ofGateways.has(key)) continue;
    const field = Object.hasOwn(fields, key) ? fields[key] : undefined;
    const read = field?.read(item);
    if (!field) findings.push({ level: "warning", message: `${JSON.stringify(key.slice(0, 100))} has no effect` });
    else if (read === undefined)
      findings.push({ level: "error", message: `${key} has a value that is none of its own` });
    else run[field.as] = read;
  }
  if (run["imageType"] === "distroless") {
    const message = "imageType distroless has no shell, by which a proxy is drained: the usual image is taken";
    findings.push({ level: "warning", message });
  }
  return { run, findings };
}
