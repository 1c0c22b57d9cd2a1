import type { Problem } from "../../lib/index.ts";
import { faultsOfMetadata, isGatewayPod, proxyConfigAnnotation } from "../../model/index.ts";
import { readDnsCapture } from "../dns-capture.ts";
import { invalid } from "../problems.ts";
import { readProxyAnnotation } from "../proxy-annotation.ts";
import type { ProxyRun } from "../proxy-run.ts";
import { imageOfType } from "./image-type.ts";
import type { InjectionSettings, Resources } from "./settings.ts";
import { isComponentLogLevels, isCpu, isImage, isLogLevel, isMemory, wholeCpus } from "./words.ts";
import { podInterception } from "./interception.ts";

/** What one pod's proxy is like: the settings, narrowed by the pod's annotations. */
export interface ProxyPlan {
  /** The proxy is a gateway: the pod's own container, with the pod's ports to itself, and no traffic to take over. */
  readonly gateway: boolean;
  readonly native: boolean;
  readonly image: string;
  readonly resources: Resources;
  readonly concurrency: number;
  readonly logLevel: string;
  readonly componentLogLevel?: string;
  /** How long it goes on when it is told to end. */
  readonly drainSeconds: number;
  /** How long connections may go on that a change or its end has made old. */
  readonly connectionDrainSeconds: number;
  /** In the classic form: the app's containers start when Envoy is ready. (A native sidecar always goes first.) */
  readonly holdApplication: boolean;
  readonly rewriteProbes: boolean;
  readonly readiness: { readonly periodSeconds: number; readonly failureThreshold: number } | undefined;
  readonly appShutdownDelaySeconds: number;
  readonly templates: readonly string[];
  /** Variables of the proxy's container. */
  readonly environment: Readonly<Record<string, string>>;
  /** Switches of Envoy's own. */
  readonly runtime?: Readonly<Record<string, string>>;
  /** The proxy answers the app's DNS. */
  readonly dns: boolean;
  /** Arguments of `heddle iptables apply`; undefined: no traffic is taken over. */
  readonly interception: readonly string[] | undefined;
}

type Annotations = Readonly<Record<string, string>>;

/** Reads annotations one by one and collects what is wrong with them. */
class AnnotationReader {
  readonly problems: Problem[] = [];
  readonly #annotations: Annotations;

  constructor(annotations: Annotations) {
    this.#annotations = annotations;
  }

  text(name: string, isGood: (text: string) => boolean, what: string): string | undefined {
    const value = this.#annotations[name];
    if (value === undefined || isGood(value)) return value;
    this.error(name, `${what}: ${JSON.stringify(value.slice(0, 100))}`);
    return undefined;
  }

  flag(name: string): boolean | undefined {
    const value = this.text(name, (text) => text === "true" || text === "false", 'neither "true" nor "false"');
    return value === undefined ? undefined : value === "true";
  }

  number(name: string): number | undefined {
    const value = this.text(name, (text) => /^\d{1,4}$/.test(text), "not a number from 0 to 9999");
    return value === undefined ? undefined : Number(value);
  }

  error(name: string, message: string, hint?: string): void {
    this.problems.push(invalid(fieldOf(name), message, hint));
  }

  warn(name: string, message: string): void {
    this.problems.push({ code: "HED502", level: "warning", field: fieldOf(name), message });
  }

  /** What is Istio's and does nothing here, so that none is lost in silence. Wrong values are told by who reads them. */
  warnOfIdle(): void {
    const { annotations: faults } = faultsOfMetadata("Pod", { annotations: this.#annotations, labels: {} });
    for (const { name, level, code, ...says } of faults)
      if (level === "warning") this.problems.push({ code, level, field: fieldOf(name), ...says });
  }
}

function fieldOf(name: string): string {
  return `metadata.annotations["${name}"]`;
}

/** As in Istio: who sets one of the four sets all of them. */
function resourcesOf(reader: AnnotationReader, defaults: Resources): Resources {
  const read = (name: string, isGood: (text: string) => boolean) =>
    reader.text(`sidecar.istio.io/${name}`, isGood, "not an amount");
  const pick = (cpu: string | undefined, memory: string | undefined) =>
    ({ ...(cpu && { cpu }), ...(memory && { memory }) }) as Record<"cpu" | "memory", string>;
  const requests = pick(read("proxyCPU", isCpu), read("proxyMemory", isMemory));
  const limits = pick(read("proxyCPULimit", isCpu), read("proxyMemoryLimit", isMemory));
  const some = (amounts: object) => Object.keys(amounts).length > 0;
  if (!some(requests) && !some(limits)) return defaults;
  return { ...(some(requests) && { requests }), ...(some(limits) && { limits }) };
}

/** Native sidecars are on by default since Kubernetes 1.29. https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/ */
function isNative({ nativeSidecars, kubernetesMinor = 99 }: InjectionSettings): boolean {
  return nativeSidecars === "auto" ? kubernetesMinor >= 29 : nativeSidecars === "true";
}

/** The `sleep` action of hooks is on by default since Kubernetes 1.30. */
function shutdownDelay({ appShutdownDelaySeconds, kubernetesMinor = 99 }: InjectionSettings): number {
  return kubernetesMinor >= 30 ? appShutdownDelaySeconds : 0;
}

const templatesName = "inject.istio.io/templates";

/** The templates of the settings that a pod asks for. `sidecar` and `gateway` are ours, and one pod is not both. */
function templatesOf(reader: AnnotationReader, annotations: Annotations, settings: InjectionSettings): string[] {
  const written = (annotations[templatesName] ?? settings.defaultTemplates.join(",")).split(",");
  const asked = written.map((name) => name.trim()).filter((name) => name !== "");
  if (asked.includes("sidecar") && asked.includes("gateway"))
    reader.error(templatesName, "a pod is either a gateway or has a sidecar");
  const known = (name: string): boolean => Object.hasOwn(settings.templates, name);
  const own = asked.filter((name) => known(name) || !(name === "sidecar" || name === "gateway"));
  for (const name of own)
    if (!known(name)) reader.error(templatesName, `no template is called ${JSON.stringify(name.slice(0, 100))}`);
  return own;
}

/** What a gateway does not need: there is no app that it stands before. */
const withoutApp = {
  native: false,
  holdApplication: false,
  rewriteProbes: false,
  appShutdownDelaySeconds: 0,
  dns: false,
  interception: undefined,
} as const satisfies Partial<ProxyPlan>;

/** Who has its DNS answered has its queries led to where they are. */
function dnsPlan({ environment }: ProxyRun, rules: readonly string[] | undefined) {
  const dns = readDnsCapture(environment) === true;
  return { dns, interception: dns ? rules && [...rules, "--dns=*"] : rules };
}

function drainPlan({ drainSeconds, terminationDrainSeconds }: ProxyRun, settings: InjectionSettings) {
  const seconds = terminationDrainSeconds ?? settings.drainSeconds;
  return { drainSeconds: seconds, connectionDrainSeconds: Math.max(1, drainSeconds ?? seconds) };
}

/** Reads a pod's annotations over the settings. `run` is what they, ProxyConfigs and the mesh say of its proxy: see `proxyRunFor`. */
export function planProxy(
  annotations: Annotations,
  settings: InjectionSettings,
  run: ProxyRun,
): { readonly plan: ProxyPlan; readonly problems: readonly Problem[] } {
  const reader = new AnnotationReader(annotations);
  for (const { level, message } of readProxyAnnotation(annotations).findings)
    reader[level === "error" ? "error" : "warn"](proxyConfigAnnotation, message);
  const resources = resourcesOf(reader, settings.resources);
  const interception = podInterception(annotations);
  const statusPort = reader.number("status.sidecar.istio.io/port");
  const cpuLimit = resources.limits?.cpu;
  const componentLogLevel = reader.text(
    "sidecar.istio.io/componentLogLevel",
    isComponentLogLevels,
    "no list of levels",
  );
  const templates = templatesOf(reader, annotations, settings);
  const gateway = isGatewayPod(annotations);
  reader.warnOfIdle();
  const plan: ProxyPlan = {
    gateway,
    native: reader.flag("sidecar.istio.io/nativeSidecar") ?? isNative(settings),
    image:
      reader.text("sidecar.istio.io/proxyImage", isImage, "not the name of an image") ??
      imageOfType(settings.proxyImage, run.imageType),
    resources,
    environment: run.environment,
    ...(run.runtime && { runtime: run.runtime }),
    // Istio's: the CPU limit decides; 0 means as many as there are, which Envoy's flag cannot say.
    concurrency: run.concurrency || (cpuLimit === undefined ? 2 : wholeCpus(cpuLimit)),
    logLevel: reader.text("sidecar.istio.io/logLevel", isLogLevel, "not a level") ?? settings.logLevel,
    ...(componentLogLevel === undefined ? {} : { componentLogLevel }),
    ...drainPlan(run, settings),
    holdApplication: run.holdApplication ?? true,
    rewriteProbes: reader.flag("sidecar.istio.io/rewriteAppHTTPProbers") ?? settings.rewriteProbes,
    readiness:
      statusPort === 0
        ? undefined
        : {
            periodSeconds: reader.number("readiness.status.sidecar.istio.io/periodSeconds") || 15,
            failureThreshold: reader.number("readiness.status.sidecar.istio.io/failureThreshold") || 4,
          },
    appShutdownDelaySeconds: reader.number("heddle.io/app-shutdown-delay-seconds") ?? shutdownDelay(settings),
    templates,
    ...dnsPlan(run, interception.arguments),
  };
  const problems = [...reader.problems, ...interception.problems];
  return { plan: gateway ? { ...plan, ...withoutApp } : plan, problems };
}
