import { byCreation, type MeshObject } from "../model/index.ts";
import { readProxyAnnotation } from "./proxy-annotation.ts";
import { mergeRuns, secondsOf, usualRun, type ProxyRun } from "./proxy-run.ts";

type ProxyConfigObject = MeshObject<"ProxyConfig">;
type ProxyDefaults = NonNullable<MeshObject<"MeshConfig">["spec"]["defaultConfig"]>;

/** Whom it is about. */
export interface ProxyOwner {
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/**
 * What is said of a workload's proxy, merged as Istio does it: the ProxyConfig that selects the workload goes before the pod's annotation, that
 * before the ProxyConfig of its namespace, that before the root namespace's, and MeshConfig's `defaultConfig` comes last; of two ProxyConfigs
 * for the same the older counts. What cannot be read of an annotation says nothing; injection tells why.
 * https://istio.io/latest/docs/reference/config/networking/proxy-config/
 */
export function proxyRunFor(objects: readonly MeshObject[], { namespace, labels, annotations }: ProxyOwner): ProxyRun {
  const configs = objects.filter((object) => object.kind === "ProxyConfig").sort(byCreation);
  const mesh = objects.find((object) => object.kind === "MeshConfig")?.spec ?? {};
  const { rootNamespace: root = "istio-system", defaultConfig = {} } = mesh;
  const ofAll = (space: string) => configs.find(({ metadata, spec }) => metadata.namespace === space && isForAll(spec));
  const selected = configs.find(
    ({ metadata, spec }) => metadata.namespace === namespace && !isForAll(spec) && selects(spec, labels),
  );
  return [
    runOfDefaults(defaultConfig),
    runOf(ofAll(root)),
    runOf(namespace === root ? undefined : ofAll(namespace)),
    readProxyAnnotation(annotations).run,
    runOf(selected),
  ].reduce(mergeRuns, usualRun);
}

function isForAll({ selector }: ProxyConfigObject["spec"]): boolean {
  return Object.keys(selector?.matchLabels ?? {}).length === 0;
}

function selects({ selector }: ProxyConfigObject["spec"], labels: ProxyOwner["labels"]): boolean {
  return Object.entries(selector?.matchLabels ?? {}).every(
    ([key, value]) => Object.hasOwn(labels, key) && labels[key] === value,
  );
}

function runOf(config: ProxyConfigObject | undefined): Partial<ProxyRun> {
  const { concurrency, environmentVariables: environment, image } = config?.spec ?? {};
  return {
    ...(concurrency !== undefined && { concurrency }),
    ...(image?.imageType && { imageType: image.imageType }),
    ...(environment && { environment }),
  };
}

function runOfDefaults(defaults: ProxyDefaults): Partial<ProxyRun> {
  const { concurrency, image, proxyMetadata: environment, runtimeValues: runtime } = defaults;
  const { drainDuration, terminationDrainDuration, holdApplicationUntilProxyStarts: holdApplication } = defaults;
  return {
    ...(concurrency !== undefined && { concurrency }),
    ...(image?.imageType && { imageType: image.imageType }),
    ...(drainDuration !== undefined && { drainSeconds: secondsOf(drainDuration) }),
    ...(terminationDrainDuration !== undefined && { terminationDrainSeconds: secondsOf(terminationDrainDuration) }),
    ...(holdApplication !== undefined && { holdApplication }),
    ...(environment && { environment }),
    ...(runtime && { runtime }),
  };
}
