import { byCreation, parseSettingsText, type MeshObject } from "../model/index.ts";

type ProxyConfigObject = MeshObject<"ProxyConfig">;

/** What ProxyConfigs say of one workload's proxy. Undefined: nothing. */
export interface ProxyRun {
  readonly concurrency?: number; // 0: as many threads as there are CPUs
  readonly imageType?: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** Whom it is about. */
export interface ProxyOwner {
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** Nothing said. */
export const usualRun: ProxyRun = Object.freeze({ environment: {} });

/**
 * The ProxyConfigs for a workload, merged: one that selects it goes before its namespace's, and that before the root namespace's; of two for
 * the same the older counts. Variables are merged one by one. What a pod's own annotation says goes before all of them.
 * https://istio.io/latest/docs/reference/config/networking/proxy-config/
 */
export function proxyRunFor(objects: readonly MeshObject[], { namespace, labels }: ProxyOwner): ProxyRun {
  const configs = objects.filter((object) => object.kind === "ProxyConfig").sort(byCreation);
  if (configs.length === 0) return usualRun;
  const root = objects.find((object) => object.kind === "MeshConfig")?.spec.rootNamespace ?? "istio-system";
  const ofAll = (space: string) => configs.find(({ metadata, spec }) => metadata.namespace === space && isForAll(spec));
  const selected = configs.find(
    ({ metadata, spec }) => metadata.namespace === namespace && !isForAll(spec) && selects(spec, labels),
  );
  const found = [ofAll(root), namespace === root ? undefined : ofAll(namespace), selected];
  return found.flatMap((config) => config ?? []).reduce(merged, usualRun);
}

function isForAll({ selector }: ProxyConfigObject["spec"]): boolean {
  return Object.keys(selector?.matchLabels ?? {}).length === 0;
}

function selects({ selector }: ProxyConfigObject["spec"], labels: ProxyOwner["labels"]): boolean {
  return Object.entries(selector?.matchLabels ?? {}).every(
    ([key, value]) => Object.hasOwn(labels, key) && labels[key] === value,
  );
}

function merged(run: ProxyRun, { spec }: ProxyConfigObject): ProxyRun {
  const { concurrency, environmentVariables, image } = spec;
  return {
    ...run,
    ...(concurrency !== undefined && { concurrency }),
    ...(image?.imageType && { imageType: image.imageType }),
    environment: { ...run.environment, ...environmentVariables },
  };
}

/** A number of threads as a pod may ask for it; undefined: none. */
export function readConcurrency(item: unknown): number | undefined {
  return typeof item === "number" && Number.isInteger(item) && item >= 0 && item <= 256 ? item : undefined;
}

/** The number of threads that a pod's annotation `proxy.istio.io/config` asks for; injection tells what is wrong with it. */
export function annotatedConcurrency(annotations: Readonly<Record<string, string>>): number | undefined {
  const name = "proxy.istio.io/config";
  const { value } = parseSettingsText(annotations[name] ?? "", name, { type: "object", additionalProperties: true });
  return readConcurrency((value as { readonly concurrency?: unknown } | undefined)?.concurrency);
}
