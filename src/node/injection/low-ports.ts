import { fieldsAt, isFields, type Pod } from "./pod.ts";

const sysctl = "net.ipv4.ip_unprivileged_port_start";

/**
 * Lets a gateway's Envoy bind ports below 1024 without a privilege, as Istio's template does: such a port may be named by a Gateway
 * that no Service stands before. The sysctl is one of those that are safe in any cluster, and a pod's own value of it stays.
 * https://kubernetes.io/docs/tasks/administer-cluster/sysctl-cluster/#safe-and-unsafe-sysctls
 */
export function withLowPorts(pod: Pod): Pod {
  const context = fieldsAt(pod.spec, "securityContext");
  const given: readonly unknown[] = Array.isArray(context["sysctls"]) ? context["sysctls"] : [];
  if (given.some((one) => isFields(one) && one["name"] === sysctl)) return pod;
  const sysctls = [...given, { name: sysctl, value: "0" }];
  return { ...pod, spec: { ...pod.spec, securityContext: { ...context, sysctls } } };
}
