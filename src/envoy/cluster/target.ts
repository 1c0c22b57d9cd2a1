import { memo } from "../../lib/index.ts";
import type { ServicePort, VisibleService } from "../../mesh/index.ts";
import type { Subset } from "../../model/index.ts";
import { outboundClusterName } from "../names.ts";
import type { Provenance } from "../resource.ts";
import { policyFor, policyProvenance, type Policy } from "./policy.ts";

/** How Envoy learns the addresses of a cluster: https://www.envoyproxy.io/docs/envoy/v1.40.0/intro/arch_overview/upstream/service_discovery */
type Discovery = "EDS" | "DYNAMIC_DNS" | "STRICT_DNS" | "LOGICAL_DNS" | "ORIGINAL_DST";

/** One outbound cluster to be: a service's port, or a subset of it, with its policy. A memo key for all that is derived from it. */
export interface Target {
  readonly name: string;
  readonly visible: VisibleService;
  readonly port: ServicePort;
  readonly subset?: Subset;
  readonly policy: Policy;
  readonly discovery: Discovery;
  /** Whether the client may have the Secrets that a `credentialName` means: the rule selects it, or it is a gateway. */
  readonly credentials: boolean;
  readonly provenance: readonly Provenance[];
}

/** Every cluster of a service: for each TCP port the service itself, then its subsets. */
export const targetsFor = memo((visible: VisibleService): readonly Target[] => {
  const ports = visible.service.ports.filter(({ protocol }) => protocol !== "UDP");
  const subsets = distinct(visible.rule?.subsets ?? []);
  return Object.freeze(
    ports.flatMap((port) => [buildTarget(visible, port), ...subsets.map((each) => buildTarget(visible, port, each))]),
  );
});

function buildTarget(visible: VisibleService, port: ServicePort, subset?: Subset): Target {
  const { service, rule } = visible;
  const policy = policyFor(rule, port.number, subset);
  const field = ["spec", "ports", service.ports.indexOf(port)];
  return Object.freeze({
    name: outboundClusterName(service.hostname, port.number, subset?.name),
    visible,
    port,
    ...(subset && { subset }),
    policy,
    discovery: discoveryFor(visible, policy),
    credentials: rule?.selects === true,
    provenance: [...policyProvenance(rule, port.number, subset), { object: service.object, field }],
  });
}

/** The same cluster for gateways, where it is another one. */
export const targetForGateways = memo((target: Target): Target | undefined => {
  const { mode, credentialName } = target.policy.tls ?? {};
  if (target.credentials || !credentialName || (mode !== "SIMPLE" && mode !== "MUTUAL")) return undefined;
  return Object.freeze({ ...target, credentials: true });
});

function discoveryFor({ service }: VisibleService, policy: Policy): Discovery {
  if (policy.loadBalancer?.simple === "PASSTHROUGH") return "ORIGINAL_DST";
  switch (service.resolution) {
    case "STATIC":
      return "EDS";
    case "DNS":
      return "STRICT_DNS";
    case "DNS_ROUND_ROBIN":
      return "LOGICAL_DNS";
    case "DYNAMIC_DNS":
      return "DYNAMIC_DNS";
    case "NONE":
      return "ORIGINAL_DST";
  }
}

/** Two subsets of one name would be two clusters of one name: the first counts. */
function distinct(subsets: readonly Subset[]): Subset[] {
  const seen = new Set<string>();
  return subsets.filter(({ name }) => !seen.has(name) && seen.add(name));
}
