import type { Problem } from "../lib/index.ts";
import { invalid, ipVersion, isDnsLabel, isDnsName } from "./problems.ts";

/** The workload an Envoy stands beside, or is. */
export interface WorkloadNode {
  /** A router is a gateway: it has no app, and its own listeners instead of intercepted traffic. Default sidecar. */
  readonly type?: "sidecar" | "router";
  readonly name: string;
  readonly namespace: string;
  readonly serviceAccount: string;
  readonly addresses: readonly string[]; // first the primary one
  readonly labels: Readonly<Record<string, string>>;
  readonly locality?: { readonly region: string; readonly zone?: string; readonly subzone?: string };
  /** Further metadata for the control plane. It can narrow what the proxy gets, never widen it. */
  readonly metadata?: Readonly<Record<string, unknown>>;
}

/** What would make the node id ambiguous or the claim senseless: `~` and `.` separate its parts. */
export function nodeProblems(node: WorkloadNode): Problem[] {
  const problems: Problem[] = [];
  if (!isDnsName(node.name)) problems.push(invalid("name", `not a DNS name: ${JSON.stringify(node.name)}`));
  if (!isDnsLabel(node.namespace)) {
    problems.push(invalid("namespace", `not a DNS label: ${JSON.stringify(node.namespace)}`));
  }
  if (!isDnsName(node.serviceAccount)) {
    problems.push(invalid("serviceAccount", `not a DNS name: ${JSON.stringify(node.serviceAccount)}`));
  }
  if (node.addresses.length === 0) problems.push(invalid("addresses", "a workload needs an IP address"));
  node.addresses.forEach((address, index) => {
    if (!ipVersion(address)) {
      problems.push(invalid(`addresses[${index}]`, `not an IP address: ${JSON.stringify(address)}`));
    }
  });
  return problems;
}

/**
 * Envoy's `node` in Istio's form: `sidecar~IP~name.namespace~namespace.svc.domain`, and the metadata Istio's agent sends.
 * https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/core/v3/base.proto#config-core-v3-node
 */
export function buildNode(node: WorkloadNode, domain: string): object {
  const app =
    node.labels["service.istio.io/canonical-name"] ?? node.labels["app.kubernetes.io/name"] ?? node.labels["app"];
  return {
    id: `${node.type ?? "sidecar"}~${node.addresses[0] ?? ""}~${node.name}.${node.namespace}~${node.namespace}.svc.${domain}`,
    cluster: `${app ?? node.name}.${node.namespace}`,
    ...(node.locality
      ? { locality: { region: node.locality.region, zone: node.locality.zone, sub_zone: node.locality.subzone } }
      : {}),
    metadata: {
      ...node.metadata,
      NAME: node.name,
      NAMESPACE: node.namespace,
      SERVICE_ACCOUNT: node.serviceAccount,
      LABELS: node.labels,
      INSTANCE_IPS: node.addresses.join(","),
    },
  };
}
