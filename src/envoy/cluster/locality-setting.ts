import type { MeshSettings } from "../../mesh/index.ts";
import type { LocalityLbSetting } from "./policy.ts";
import type { Target } from "./target.ts";

/**
 * Where the traffic of a target prefers to go; undefined: locality plays no part. The rule's setting, else the service's preference, else
 * the mesh's setting, which is on by default; `distribute` works alone, failover only with outlier detection, as nothing else tells
 * Envoy that a host is bad. A preference needs none: the next priority is there for when the near endpoints are gone.
 * https://istio.io/latest/docs/reference/config/networking/destination-rule/#LocalityLoadBalancerSetting
 */
export type LocalityRule =
  | { readonly kind: "distribute"; readonly distribute: NonNullable<LocalityLbSetting["distribute"]> }
  | {
      readonly kind: "failover";
      readonly failover: NonNullable<LocalityLbSetting["failover"]>;
      readonly failoverPriority: readonly string[];
      /** Whether the user said how: only then do localities of one priority share by weight. */
      readonly explicit: boolean;
    };

export function localityRuleFor(
  { policy, visible }: Pick<Target, "policy" | "visible">,
  settings: MeshSettings,
): LocalityRule | undefined {
  const ofRule = policy.loadBalancer?.localityLbSetting;
  const { prefers } = visible.service;
  if (!ofRule && prefers) return preferences[prefers];
  const setting: LocalityLbSetting = ofRule ?? settings.config.localityLbSetting ?? {};
  if (setting.enabled === false) return undefined;
  if (setting.distribute?.length) return { kind: "distribute", distribute: setting.distribute };
  if (!policy.outlierDetection) return undefined;
  const { failover = [], failoverPriority = [] } = setting;
  return { kind: "failover", failover, failoverPriority, explicit: failover.length + failoverPriority.length > 0 };
}

const near = ["topology.istio.io/network", "topology.kubernetes.io/region", "topology.kubernetes.io/zone"];
const nearest = [...near, "topology.istio.io/subzone", "kubernetes.io/hostname"];

/** What Istio takes a service's preference for: https://istio.io/latest/docs/tasks/traffic-management/locality-load-balancing/ */
const preferences: Readonly<Record<"zone" | "node", LocalityRule>> = {
  zone: { kind: "failover", failover: [], failoverPriority: near, explicit: true },
  node: { kind: "failover", failover: [], failoverPriority: nearest, explicit: true },
};
