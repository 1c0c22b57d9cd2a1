import { bareObject } from "../../lib/index.ts";
import { codes } from "../codes.ts";
import { kubernetesKind } from "../kind.ts";
import { isIp, isLabel, show } from "../names.ts";
import { RawFields } from "./raw.ts";
import type { ContainerSpec, PodSpec } from "./types.ts";

/** https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/ */
export const pod = kubernetesKind("Pod", "v1", (raw, place): PodSpec => {
  const spec = new RawFields(raw.spec, place.at("spec"));
  const status = new RawFields(raw.status, place.at("status"));
  const nodeName = spec.text("nodeName");
  const containers = spec.list("containers");
  const phase = status.text("phase");
  const conditions = status.list("conditions");
  const ready = conditions.find((condition) => condition.text("type") === "Ready");
  return {
    serviceAccountName: spec.text("serviceAccountName") || "default",
    ...(nodeName !== undefined && { nodeName }),
    ...nameOf(spec),
    hostNetwork: spec.flag("hostNetwork", false),
    ...userOf(spec),
    podIPs: podIps(status),
    ready: conditions.length === 0 || ready?.text("status") === "True",
    terminated: phase === "Succeeded" || phase === "Failed",
    containerPorts: containers.flatMap((container) =>
      container.list("ports").map((port) => ({
        name: port.text("name") ?? "",
        port: port.port("containerPort"),
        protocol: port.text("protocol") ?? "TCP",
      })),
    ),
    containers: containers.map(parseContainer),
    ...endedOf(spec, status),
  };
});

/** https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/#pod-hostname-and-subdomain-field */
function nameOf(spec: RawFields): Pick<PodSpec, "hostname" | "subdomain"> {
  const [hostname = "", subdomain = ""] = [spec.text("hostname"), spec.text("subdomain")];
  return isLabel(hostname) && isLabel(subdomain) ? { hostname, subdomain } : {};
}

/** https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#restart-policy */
function endedOf(spec: RawFields, status: RawFields): { endedContainers?: readonly string[] } {
  const policy = spec.text("restartPolicy");
  const ended = status.list("containerStatuses").flatMap((container): string[] => {
    const terminated = container.fields("state").fields("terminated");
    const isOver = policy === "Never" || (policy === "OnFailure" && terminated.number("exitCode") === 0);
    return isOver && terminated.has("exitCode") ? [container.text("name") ?? ""] : [];
  });
  return ended.length > 0 ? { endedContainers: ended } : {};
}

function podIps(status: RawFields): readonly string[] {
  const several = status.list("podIPs").flatMap((entry) => entry.text("ip") ?? []);
  const addresses = several.length > 0 ? several : [status.text("podIP") ?? ""].filter(Boolean);
  for (const address of addresses)
    if (!isIp(address)) status.place.at("podIP").error(codes.address, `"${show(address)}" is not an IP address`);
  return addresses;
}

function parseContainer(container: RawFields): ContainerSpec {
  const env = bareObject<string>();
  for (const variable of container.list("env")) {
    const name = variable.text("name");
    // A value from elsewhere (valueFrom) is not ours to look up.
    if (name !== undefined && !variable.has("valueFrom")) env[name] = variable.text("value") ?? "";
  }
  const workingDir = container.text("workingDir");
  return {
    name: container.text("name") ?? "",
    command: [...container.texts("command"), ...container.texts("args")],
    env,
    ...(workingDir !== undefined && { workingDir }),
    ...userOf(container),
  };
}

/** https://kubernetes.io/docs/tasks/configure-pod-container/security-context/ */
function userOf(fields: RawFields): { runAsUser?: number } {
  const user = fields.fields("securityContext").number("runAsUser");
  return user === undefined ? {} : { runAsUser: user };
}
