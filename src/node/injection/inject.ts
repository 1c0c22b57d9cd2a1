import type { Parsed, Problem } from "../../lib/index.ts";
import { invalid } from "../problems.ts";
import { proxyRunFor } from "../proxy-config.ts";
import type { ProxyRun } from "../proxy-run.ts";
import { planProxy, type ProxyPlan } from "./annotations.ts";
import { buildInitContainer, buildProxyContainer, buildVolumes } from "./containers.ts";
import { injectedLabels } from "./labels.ts";
import { mergeFields } from "./merge.ts";
import { withLowPorts } from "./low-ports.ts";
import { marks, names, probePort, proxyUser } from "./names.ts";
import { bootstrapAnnotations } from "./pod-bootstrap.ts";
import { fieldsAt, isFields, parsePod, type Fields, type Named, type Pod, type PodSpec } from "./pod.ts";
import { rewriteProbes, type AppProbe } from "./probes.ts";
import type { InjectionSettings } from "./settings.ts";

/** What the API server takes: the sum of all keys and values. */
const maxAnnotationBytes = 256 * 1024;

/** True for a pod that has been injected: a second time would change nothing. */
export function isInjected({ metadata, spec }: Pod): boolean {
  const ours = [...spec.initContainers, ...spec.containers].some(({ name }) => name === names.proxy);
  return ours && metadata.annotations[marks.status] !== undefined;
}

/**
 * The pod with its sidecar: the same JSON but for what injection adds; `run` is what is said of its proxy (`proxyRunFor`), by default
 * by the pod alone. A pod that is injected already comes back as it is. Does not decide whether to: `decideInjection` does.
 * A pod that asks for Istio's template `gateway` gets its Envoy as a container of its own, and no interception.
 * https://istio.io/latest/docs/setup/additional-setup/gateway/#deploying-a-gateway
 */
export function injectPod(pod: Pod, settings: InjectionSettings, run: ProxyRun = ownRun(pod)): Parsed<Pod> {
  if (isInjected(pod)) return { value: pod, problems: [] };
  const { plan, problems: planProblems } = planProxy(pod.metadata.annotations, settings, run);
  const split = withoutOverlay(pod);
  const rewritten = rewriteAll(split.pod, plan);
  const problems = [...planProblems, ...rewritten.problems, ...doubts(split.pod, plan)];
  if (problems.some(({ level }) => level === "error")) return { problems };
  const labelled = withLabels(rewritten.pod, plan);
  const delayed = withShutdownDelay(labelled, plan);
  const annotated = withAnnotations(delayed, plan, settings, rewritten.probes);
  const contained = withContainers(annotated, plan, settings, rewritten.probes);
  const whole = plan.gateway ? withLowPorts(contained) : contained;
  const templated = plan.templates.reduce((fields, name) => mergeFields(fields, settings.templates[name] ?? {}), whole);
  // The pod's own container of the proxy's name has the last word.
  const final = parsePod(split.overlay ? overlaid(templated, split.overlay) : templated);
  if (!final.value) return { problems: [...problems, ...final.problems] };
  const size = Buffer.byteLength(JSON.stringify(final.value.metadata.annotations));
  if (size > maxAnnotationBytes)
    return {
      problems: [
        ...problems,
        invalid("metadata.annotations", `${size} bytes with the proxy's: the API server takes ${maxAnnotationBytes}`),
      ],
    };
  return { value: final.value, problems };
}

function ownRun({ metadata: { labels, annotations } }: Pod): ProxyRun {
  return proxyRunFor([], { namespace: "", labels, annotations });
}

/** A container that the user called `istio-proxy` is no container, but changes of ours to come. */
function withoutOverlay(pod: Pod): { readonly pod: Pod; readonly overlay?: Named } {
  const { containers, initContainers } = pod.spec;
  const isOverlay = ({ name }: Named): boolean => name === names.proxy;
  const overlay = [...containers, ...initContainers].find(isOverlay);
  if (!overlay) return { pod };
  const rest = (list: readonly Named[]) => list.filter((container) => !isOverlay(container));
  const spec = { ...pod.spec, containers: rest(containers), initContainers: rest(initContainers) };
  if (overlay.image !== "auto") return { pod: { ...pod, spec }, overlay };
  // Istio's word for "the usual one", where Kubernetes wants some image to stand. For an image without a tag the API server has put in
  // `imagePullPolicy: Always` already, which would hold for ours.
  const { image: _, imagePullPolicy: _derived, ...changes } = overlay;
  return { pod: { ...pod, spec }, overlay: changes };
}

function overlaid(pod: Pod, overlay: Named): Pod {
  const apply = (list: readonly Named[]) =>
    list.map((container) => (container.name === names.proxy ? mergeFields(container, overlay) : container));
  const { containers, initContainers } = pod.spec;
  return { ...pod, spec: { ...pod.spec, containers: apply(containers), initContainers: apply(initContainers) } };
}

interface RewrittenPod {
  readonly pod: Pod;
  readonly probes: readonly AppProbe[];
  readonly problems: readonly Problem[];
}

function rewriteAll(pod: Pod, plan: ProxyPlan): RewrittenPod {
  if (!plan.rewriteProbes) return { pod, probes: [], problems: [] };
  const containers = rewriteProbes(pod.spec.containers, "spec.containers");
  const initContainers = rewriteProbes(pod.spec.initContainers, "spec.initContainers");
  return {
    pod: {
      ...pod,
      spec: { ...pod.spec, containers: containers.containers, initContainers: initContainers.containers },
    },
    probes: [...containers.probes, ...initContainers.probes],
    problems: [...containers.problems, ...initContainers.problems],
  };
}

const ownPorts: ReadonlySet<unknown> = new Set([15_000, 15_001, 15_006, probePort, 15_021, 15_090]);

/** What will run, and not as its writer thinks. */
function doubts({ spec }: Pod, { native, gateway }: ProxyPlan): Problem[] {
  const doubt = (field: string, message: string): Problem => ({ code: "HED504", level: "warning", field, message });
  const podUser = fieldsAt(spec, "securityContext")["runAsUser"];
  const { restartPolicy: policy = "Always" } = spec;
  const stays =
    policy === "Always" || native || gateway
      ? []
      : [
          doubt(
            "spec.restartPolicy",
            "a sidecar of the classic form goes on when the app has ended: a Job ends only where its app ends the sidecar too, by POST http://127.0.0.1:15000/quitquitquit",
          ),
        ];
  const ofContainers = spec.containers.flatMap((container, i) => {
    const user = fieldsAt(container, "securityContext")["runAsUser"] ?? podUser;
    const ports = Array.isArray(container["ports"]) ? (container["ports"] as unknown[]) : [];
    const taken = ports.flatMap((port) => (isFields(port) && ownPorts.has(port["containerPort"]) ? [port] : []));
    return [
      ...(user === proxyUser
        ? [
            doubt(
              `spec.containers[${i}].securityContext.runAsUser`,
              `user ${proxyUser} is the proxy's: the app's traffic bypasses the mesh (IST0144)`,
            ),
          ]
        : []),
      ...taken.map((port) =>
        doubt(`spec.containers[${i}].ports`, `port ${String(port["containerPort"])} is the proxy's own`),
      ),
    ];
  });
  return [...stays, ...ofContainers];
}

function withLabels(pod: Pod, { gateway }: ProxyPlan): Pod {
  const labels = { ...pod.metadata.labels, ...injectedLabels(pod.metadata.labels, gateway) };
  return { ...pod, metadata: { ...pod.metadata, labels } };
}

/** An app that ends at once would refuse calls of those who do not know yet; with a hook of its own it knows better. */
function withShutdownDelay(pod: Pod, plan: ProxyPlan): Pod {
  const { terminationGracePeriodSeconds: grace, restartPolicy = "Always" } = pod.spec;
  const seconds = plan.appShutdownDelaySeconds;
  const enough = typeof grace === "number" ? grace > seconds : seconds < 30;
  if (seconds === 0 || restartPolicy !== "Always" || !enough) return pod;
  const containers = pod.spec.containers.map((container) => {
    const lifecycle = fieldsAt(container, "lifecycle");
    if (isFields(lifecycle["preStop"])) return container;
    return { ...container, lifecycle: { ...lifecycle, preStop: { sleep: { seconds } } } };
  });
  return { ...pod, spec: { ...pod.spec, containers } };
}

function withAnnotations(pod: Pod, plan: ProxyPlan, settings: InjectionSettings, probes: readonly AppProbe[]): Pod {
  const { annotations } = pod.metadata;
  const apps = pod.spec.containers.map(({ name }) => name);
  const [first] = apps;
  const init = plan.interception ? [names.init] : [];
  const status = {
    initContainers: plan.native ? [...init, names.proxy] : init,
    containers: plan.native ? [] : [names.proxy],
    volumes: buildVolumes().map(({ name }) => name),
    revision: settings.revision,
  };
  return {
    ...pod,
    metadata: {
      ...pod.metadata,
      annotations: {
        ...(first === undefined ? {} : { [marks.defaultContainer]: first, [marks.defaultLogs]: first }),
        ...annotations,
        [marks.status]: JSON.stringify(status),
        ...bootstrapAnnotations(pod, plan, settings, probes, apps),
      },
    },
  };
}

/** Everything in its place: the order is the order of start. */
function withContainers(pod: Pod, plan: ProxyPlan, settings: InjectionSettings, probes: readonly AppProbe[]): Pod {
  const init = plan.interception ? [buildInitContainer(plan.interception, plan, settings)] : [];
  const proxy = buildProxyContainer(pod, plan, settings, probes);
  const others = pod.spec.initContainers.filter(({ name }) => name !== names.init);
  const volumes = buildVolumes();
  const ours = new Set(volumes.map(({ name }) => name));
  const spec: PodSpec = {
    ...pod.spec,
    ...(plan.native
      ? {
          // The app's own init containers come after the proxy, so that they are part of the mesh.
          initContainers: [...init, proxy, ...others],
          containers: pod.spec.containers,
        }
      : {
          // No proxy runs yet while init containers do: interception is the last of them, so that they have a network.
          initContainers: [...others, ...init],
          containers:
            plan.gateway || plan.holdApplication ? [proxy, ...pod.spec.containers] : [...pod.spec.containers, proxy],
        }),
    volumes: [...pod.spec.volumes.filter(({ name }) => !ours.has(name)), ...volumes],
  };
  return { ...pod, spec };
}

/** Only what is not empty: a pod without init containers has no such field. */
export function podFields(pod: Pod): Fields {
  const { metadata, spec, ...rest } = pod;
  const lists = new Set(["initContainers", "volumes", "labels", "annotations"]);
  const kept = (fields: Fields): Fields =>
    Object.fromEntries(
      Object.entries(fields).filter(([key, value]) => !lists.has(key) || Object.keys(value as object).length > 0),
    );
  return { ...rest, metadata: kept(metadata), spec: kept(spec) };
}
