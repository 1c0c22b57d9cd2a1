import {
  Cluster_LbPolicy,
  type Cluster,
  type Cluster_CommonLbConfig,
  type Cluster_SlowStartConfig,
} from "../../../generated/envoy/config/cluster/v3/cluster.ts";
import type { MeshSettings } from "../../mesh/index.ts";
import { durationFrom } from "../duration.ts";
import { localityRuleFor } from "./locality-setting.ts";
import type { LoadBalancer } from "./policy.ts";
import type { Target } from "./target.ts";

type ConsistentHash = NonNullable<LoadBalancer["consistentHash"]>;
type LbFields = Pick<Cluster, "lbPolicy"> &
  Partial<
    Pick<
      Cluster,
      "ringHashLbConfig" | "maglevLbConfig" | "leastRequestLbConfig" | "roundRobinLbConfig" | "commonLbConfig"
    >
  >;

/** The ring that Istio asks for where a rule does not say. */
const ringSize = 1024;

/**
 * How a host is chosen: https://istio.io/latest/docs/reference/config/networking/destination-rule/#LoadBalancerSettings
 * Least request is the default. What is hashed is said by the routes (hash policies).
 */
export function buildLoadBalancing(target: Target, settings: MeshSettings): LbFields {
  const { policy, discovery } = target;
  const common = buildCommonLb(target, settings);
  return {
    ...(common && { commonLbConfig: common }),
    ...(discovery === "ORIGINAL_DST" || discovery === "DYNAMIC_DNS"
      ? { lbPolicy: Cluster_LbPolicy.CLUSTER_PROVIDED }
      : buildAlgorithm(policy.loadBalancer)),
  };
}

function buildAlgorithm(lb: LoadBalancer | undefined): LbFields {
  if (lb?.consistentHash) return buildHash(lb.consistentHash);
  const slow = lb && buildSlowStart(lb);
  switch (lb?.simple) {
    case "RANDOM":
      return { lbPolicy: Cluster_LbPolicy.RANDOM };
    case "ROUND_ROBIN":
      return { lbPolicy: Cluster_LbPolicy.ROUND_ROBIN, ...(slow && { roundRobinLbConfig: { slowStartConfig: slow } }) };
    case "PASSTHROUGH": // a cluster of original destinations
    case "LEAST_REQUEST":
    case "LEAST_CONN": // its name before Istio 1.14
    case "UNSPECIFIED":
    case undefined:
      return {
        lbPolicy: Cluster_LbPolicy.LEAST_REQUEST,
        ...(slow && { leastRequestLbConfig: { slowStartConfig: slow, choiceCount: undefined } }),
      };
  }
}

function buildHash({ maglev, ringHash, minimumRingSize }: ConsistentHash): LbFields {
  if (maglev) {
    const { tableSize = 0 } = maglev;
    return { lbPolicy: Cluster_LbPolicy.MAGLEV, ...(tableSize > 0 && { maglevLbConfig: { tableSize } }) };
  }
  const size = ringHash ? ringHash.minimumRingSize : minimumRingSize || ringSize;
  return {
    lbPolicy: Cluster_LbPolicy.RING_HASH,
    ...(size && { ringHashLbConfig: { minimumRingSize: size, hashFunction: 0 } }),
  };
}

/** A new host gets its share little by little: https://www.envoyproxy.io/docs/envoy/v1.40.0/intro/arch_overview/upstream/load_balancing/slow_start */
function buildSlowStart({ warmup, warmupDurationSecs }: LoadBalancer): Cluster_SlowStartConfig | undefined {
  const window = warmup?.duration ?? warmupDurationSecs;
  if (window === undefined) return undefined;
  return {
    slowStartWindow: durationFrom(window),
    ...(warmup?.aggression !== undefined && {
      aggression: { defaultValue: warmup.aggression, runtimeKey: "slow_start.aggression" },
    }),
    ...(warmup?.minimumPercent !== undefined && { minWeightPercent: { value: warmup.minimumPercent } }),
  };
}

/** With outlier detection "panic" (traffic to ejected hosts) begins only below minHealthPercent, which is 0 unless set. */
function buildCommonLb(target: Target, settings: MeshSettings): Cluster_CommonLbConfig | undefined {
  const rule = localityRuleFor(target, settings);
  const weighted = rule?.kind === "distribute" || rule?.explicit === true;
  const { outlierDetection } = target.policy;
  if (!weighted && !outlierDetection) return undefined;
  return {
    ignoreNewHostsUntilFirstHc: false,
    closeConnectionsOnHostSetChange: false,
    ...(outlierDetection && { healthyPanicThreshold: { value: outlierDetection.minHealthPercent ?? 0 } }),
    ...(weighted && { localityWeightedLbConfig: {} }),
  };
}
