import { byCodeUnit } from "../../lib/index.ts";
import type { ProxyPlan } from "./annotations.ts";
import { names, paths, proxyUser } from "./names.ts";
import type { Fields, Named, Pod } from "./pod.ts";
import { bootstrapArguments, podVariables } from "./pod-bootstrap.ts";
import type { AppProbe } from "./probes.ts";
import type { InjectionSettings } from "./settings.ts";
import { escapeArgument } from "./words.ts";
import { drainAndGo, drainAndStay, untilReady } from "./shell.ts";
import { marks } from "./names.ts";

const confined = {
  allowPrivilegeEscalation: false,
  privileged: false,
  readOnlyRootFilesystem: true,
  seccompProfile: { type: "RuntimeDefault" },
};

const bash = (script: string): Fields => ({ exec: { command: ["bash", "-c", script] } });
const field = (fieldPath: string): Fields => ({ fieldRef: { apiVersion: "v1", fieldPath } });

function pullPolicy({ imagePullPolicy }: InjectionSettings): Fields {
  return imagePullPolicy === undefined ? {} : { imagePullPolicy };
}

/** Leads the pod's traffic into Envoy, and ends. Netfilter needs root and two capabilities; it has nothing else. */
export function buildInitContainer(args: readonly string[], plan: ProxyPlan, settings: InjectionSettings): Named {
  return {
    name: names.init,
    image: settings.image,
    ...pullPolicy(settings),
    command: ["heddle", "iptables", "apply", ...args],
    resources: plan.resources,
    securityContext: {
      ...confined,
      capabilities: { drop: ["ALL"], add: ["NET_ADMIN", "NET_RAW"] },
      runAsUser: 0,
      runAsGroup: 0,
      runAsNonRoot: false,
    },
  };
}

/** Those that are said of the proxy, as they stand; what the kubelet fills in for the proxy stays. */
function ownVariables({ environment }: ProxyPlan): Fields[] {
  const taken = new Set<string>(podVariables.map(({ name }) => name));
  return Object.entries(environment)
    .filter(([name]) => !taken.has(name))
    .sort(([a], [b]) => byCodeUnit(a, b))
    .map(([name, value]) => ({ name, value: escapeArgument(value) }));
}

function readinessProbe(plan: ProxyPlan): Fields {
  if (!plan.readiness) return {};
  return {
    readinessProbe: { httpGet: { path: "/healthz/ready", port: 15_021 }, timeoutSeconds: 3, ...plan.readiness },
  };
}

const startupProbe = {
  httpGet: { path: "/healthz/ready", port: 15_021 },
  periodSeconds: 1,
  timeoutSeconds: 3,
  failureThreshold: 600,
};

/** What starts the app only when Envoy is ready, and ends Envoy only when the app is done. */
function lifecycle(plan: ProxyPlan): Fields {
  if (plan.native) return { restartPolicy: "Always", startupProbe, lifecycle: { preStop: bash(drainAndGo) } };
  if (plan.gateway) return { startupProbe, lifecycle: { preStop: bash(drainAndStay(plan.drainSeconds, "all")) } };
  return {
    lifecycle: {
      ...(plan.holdApplication ? { postStart: bash(untilReady) } : {}),
      preStop: bash(drainAndStay(plan.drainSeconds, "inbound")),
    },
  };
}

/** The sidecar or gateway: a stock Envoy, whose files come from volumes and whose name and address the kubelet fills in. */
export function buildProxyContainer(
  pod: Pod,
  plan: ProxyPlan,
  settings: InjectionSettings,
  probes: readonly AppProbe[],
): Named {
  return {
    name: names.proxy,
    image: plan.image,
    ...pullPolicy(settings),
    command: ["envoy"],
    args: [
      ...bootstrapArguments(pod, plan.gateway ? "router" : "sidecar", settings, probes),
      ...["--concurrency", `${plan.concurrency}`],
      "--disable-hot-restart", // it would need shared memory
      ...["--drain-time-s", `${plan.connectionDrainSeconds}`],
      ...["--log-level", plan.logLevel],
      ...(plan.componentLogLevel === undefined ? [] : ["--component-log-level", plan.componentLogLevel]),
    ],
    env: [...podVariables.map(({ name, field: path }) => ({ name, valueFrom: field(path) })), ...ownVariables(plan)],
    ports: [{ name: "http-envoy-prom", containerPort: 15_090, protocol: "TCP" }],
    ...lifecycle(plan),
    ...readinessProbe(plan),
    resources: plan.resources,
    securityContext: {
      ...confined,
      capabilities: { drop: ["ALL"] },
      runAsUser: proxyUser,
      runAsGroup: proxyUser,
      runAsNonRoot: true,
    },
    volumeMounts: [
      { name: names.bootstrapVolume, mountPath: paths.bootstrapDir, readOnly: true },
      { name: names.tokenVolume, mountPath: paths.tokenDir, readOnly: true },
      { name: names.rootVolume, mountPath: paths.rootDir, readOnly: true },
    ],
  };
}

/** The volumes behind the proxy's files: annotations, a token for Heddle alone, the roots. */
export function buildVolumes(): readonly Named[] {
  const file = (path: string, annotation: string): Fields => ({
    path: path.slice(paths.bootstrapDir.length + 1),
    fieldRef: { apiVersion: "v1", fieldPath: `metadata.annotations['${annotation}']` },
  });
  return [
    {
      name: names.bootstrapVolume,
      downwardAPI: {
        items: [
          file(paths.bootstrap, marks.bootstrap),
          file(paths.tokenSecret, marks.tokenSecret),
          file(paths.rootSecret, marks.rootSecret),
        ],
      },
    },
    {
      name: names.tokenVolume,
      projected: {
        sources: [{ serviceAccountToken: { audience: "heddle", expirationSeconds: 3600, path: "heddle-token" } }],
      },
    },
    { name: names.rootVolume, configMap: { name: names.rootVolume } },
  ];
}
