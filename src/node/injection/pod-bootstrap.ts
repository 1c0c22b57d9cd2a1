import { bootstrapOf } from "../bootstrap.ts";
import { dnsMetadata } from "../dns-capture.ts";
import type { ProxyPlan } from "./annotations.ts";
import { buildRootSecret, buildTokenSecret } from "../xds-cluster.ts";
import { marks, paths } from "./names.ts";
import type { Pod } from "./pod.ts";
import { buildProbeClusters, buildProbeListeners } from "./probe-listener.ts";
import type { AppProbe } from "./probes.ts";
import type { InjectionSettings } from "./settings.ts";
import { escapeArgument } from "./words.ts";
import { appOf } from "./labels.ts";

/** What the kubelet fills in where a container's arguments say `$(NAME)`. */
export const podVariables = [
  { name: "POD_NAME", field: "metadata.name" },
  { name: "POD_NAMESPACE", field: "metadata.namespace" },
  { name: "POD_IP", field: "status.podIP" },
  { name: "POD_IPS", field: "status.podIPs" },
  { name: "SERVICE_ACCOUNT", field: "spec.serviceAccountName" },
] as const;

const files = {
  caFile: paths.root,
  rootSecretFile: paths.rootSecret,
  tokenFile: paths.token,
  tokenSecretFile: paths.tokenSecret,
};

/**
 * The annotations that hold Envoy's files: what is known when the pod is admitted. A volume shows them as files. All text of the
 * user's stands in JSON strings.
 */
export function bootstrapAnnotations(
  pod: Pod,
  plan: Pick<ProxyPlan, "dns" | "runtime">,
  settings: InjectionSettings,
  probes: readonly AppProbe[],
  containers: readonly string[],
): Record<string, string> {
  const { controlPlane, ipv6, clusterId } = settings;
  const metadata = {
    LABELS: pod.metadata.labels,
    APP_CONTAINERS: containers.join(","),
    ...(plan.dns ? dnsMetadata : {}),
    ...(clusterId === undefined ? {} : { CLUSTER_ID: clusterId }),
  };
  const bootstrap = bootstrapOf({
    node: { metadata },
    controlPlane,
    files,
    ipv6,
    listeners: buildProbeListeners(probes, ipv6),
    ...(plan.runtime && { runtime: plan.runtime }),
  });
  return {
    [marks.bootstrap]: JSON.stringify(bootstrap),
    [marks.tokenSecret]: JSON.stringify(buildTokenSecret(paths.token)),
    [marks.rootSecret]: JSON.stringify(buildRootSecret(paths.root)),
  };
}

/**
 * Envoy's arguments that complete the bootstrap with what only the kubelet knows. `--config-yaml` is merged over the file: maps key
 * by key, lists one after the other. https://www.envoyproxy.io/docs/envoy/latest/operations/cli#cmdoption-config-yaml
 */
export function bootstrapArguments(
  pod: Pod,
  type: "sidecar" | "router",
  settings: InjectionSettings,
  probes: readonly AppProbe[],
): string[] {
  const clusters = buildProbeClusters(probes, "$(POD_IP)");
  const overlay = {
    node: {
      metadata: {
        NAME: "$(POD_NAME)",
        NAMESPACE: "$(POD_NAMESPACE)",
        SERVICE_ACCOUNT: "$(SERVICE_ACCOUNT)",
        INSTANCE_IPS: "$(POD_IPS)",
      },
    },
    ...(clusters.length > 0 ? { static_resources: { clusters } } : {}),
  };
  const label = appOf(pod.metadata.labels);
  const app = label === undefined ? "$(POD_NAME)" : escapeArgument(label);
  return [
    ...["--config-path", paths.bootstrap],
    ...["--config-yaml", JSON.stringify(overlay)],
    "--service-node",
    `${type}~$(POD_IP)~$(POD_NAME).$(POD_NAMESPACE)~$(POD_NAMESPACE).svc.${settings.domain}`,
    ...["--service-cluster", `${app}.$(POD_NAMESPACE)`],
  ];
}
