import type { MeshSettings } from "../../mesh/index.ts";
import type { LocalityLbSetting, Policy } from "./policy.ts";

/**
 * Where the traffic of a target prefers to go; undefined: locality plays no part. The rule's setting, else the mesh's, which is on by
 * default; `distribute` works alone, failover only with outlier detection, as nothing else tells Envoy that a host is bad.
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

export function localityRuleFor(policy: Policy, settings: MeshSettings): LocalityRule | undefined {
  const setting: LocalityLbSetting = policy.loadBalancer?.localityLbSetting ?? settings.config.localityLbSetting ?? {};
  if (setting.enabled === false) return undefined;
  if (setting.distribute?.length) return { kind: "distribute", distribute: setting.distribute };
  if (!policy.outlierDetection) return undefined;
  const { failover = [], failoverPriority = [] } = setting;
  return { kind: "failover", failover, failoverPriority, explicit: failover.length + failoverPriority.length > 0 };
}
